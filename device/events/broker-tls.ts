import { readFileSync } from 'node:fs';
import { EventsError } from './errors.ts';

/** Paths of PEM files. */
export interface TlsFiles {
  /** Only brokers whose certificates this authority signed are trusted; without it, those that the system trusts. */
  readonly ca?: string;
  /** The device's certificate and its key: who it is. */
  readonly certificate?: string;
  readonly key?: string;
}

/** For `tls.connect`. */
export interface TlsMaterial {
  readonly minVersion: 'TLSv1.3';
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer | string;
}

/** @throws EventsError `events.tls-files` */
export function readTlsFiles({ ca, certificate, key }: TlsFiles): TlsMaterial {
  return {
    minVersion: 'TLSv1.3',
    ...(ca !== undefined && { ca: read(ca, 'the certificate authority') }),
    ...(certificate !== undefined && { cert: read(certificate, 'the device’s certificate') }),
    ...(key !== undefined && { key: read(key, 'the device’s key') }),
  };
}

function read(path: string, what: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EventsError('events.tls-files', `${what} cannot be read (${reason}); see broker.tls`, { cause });
  }
}
