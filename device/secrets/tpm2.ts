import { randomBytes, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { SecretsError } from './errors.ts';
import { runTool } from './tool.ts';

/** The kernel's resource manager of a TPM 2.0. */
export const TPM_DEVICE = '/dev/tpmrm0';

/** Indexes of the owner (TCG registry of reserved TPM 2.0 handles, 2.2). */
const FIRST_INDEX = 0x0180_0000;
const LAST_INDEX = 0x01bf_ffff;
const AUTH_BYTES = 16;
const ATTEMPTS = 5;
/** Only by its own authorisation, and guessing wrong locks nothing else of the TPM. */
const ATTRIBUTES = 'authread|authwrite|no_da';

/**
 * Where in a TPM a key lies that opens a secret, which lies beside this. So whoever wants the secret needs both this
 * very TPM and this file; and once the index is gone, no copy of the file is worth anything.
 */
export const tpmPlaceSchema = z.strictObject({
  index: z.int().min(FIRST_INDEX).max(LAST_INDEX),
  /** Hexadecimal; the index cannot be read without it. */
  auth: z.string().regex(/^[0-9a-f]{32}$/),
  /** How the TPM is reached, where not by `TPM_DEVICE`; see tpm2-tools' common/tcti.md. */
  tcti: z.string().min(1).exactOptional(),
});
export type TpmPlace = Readonly<z.output<typeof tpmPlaceSchema>>;

/** Whether a TPM is there to be asked. */
export function hasTpm(tcti: string | undefined): boolean {
  return tcti !== undefined || existsSync(TPM_DEVICE);
}

/**
 * Keeps a key in the TPM's own memory. It is not bound to what was booted: updates must not lock people out.
 *
 * @throws SecretsError `secrets.tpm-failed`
 */
export function keepInTpm(key: Uint8Array, tcti: string | undefined): TpmPlace {
  const auth = randomBytes(AUTH_BYTES).toString('hex');
  for (let attempt = 1; ; attempt++) {
    const index = randomInt(FIRST_INDEX, LAST_INDEX + 1);
    const place: TpmPlace = { index, auth, ...(tcti !== undefined && { tcti }) };
    try {
      ask('nvdefine', place, ['-C', 'o', '-s', `${key.length}`, '-a', ATTRIBUTES, '-p', `hex:${auth}`]);
    } catch (error) {
      // Somebody else's index of that number.
      if (attempt < ATTEMPTS && error instanceof Error && /already defined|0x14c/i.test(error.message)) continue;
      throw error;
    }
    ask('nvwrite', place, ['-C', handle(index), '-P', `hex:${auth}`, '-i', '-'], key);
    return place;
  }
}

/** @throws SecretsError `secrets.tpm-failed`, also where the TPM is another one or has been cleared */
export function readFromTpm(place: TpmPlace): Buffer {
  return ask('nvread', place, ['-C', handle(place.index), '-P', `hex:${place.auth}`]);
}

/** Deletes it for good. @throws SecretsError `secrets.tpm-failed` */
export function forgetInTpm(place: TpmPlace): void {
  ask('nvundefine', place, ['-C', 'o']);
}

/** The list of processes may show the authorisation: without the file it is in, it opens nothing. */
function ask(
  what: string,
  { index, tcti }: TpmPlace,
  parameters: readonly string[],
  input: Uint8Array = new Uint8Array(),
): Buffer {
  const where = ['-T', tcti ?? `device:${TPM_DEVICE}`];
  try {
    return runTool(`tpm2_${what}`, [...where, ...parameters, handle(index)], input);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SecretsError(
      'secrets.tpm-failed',
      `the TPM does not do what it is asked (${reason}); check that this is the board the key was made on, that its TPM was not cleared, and that tpm2-tools is installed`,
      { cause },
    );
  }
}

function handle(index: number): string {
  return `0x${index.toString(16)}`;
}
