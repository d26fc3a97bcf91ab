import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SecretsError } from './errors.ts';
import { runTool } from './tool.ts';

/** Whether systemd runs this computer (sd_booted(3)) and we may use its key. */
export function hasSystemdCreds(): boolean {
  return existsSync('/run/systemd/system') && process.geteuid?.() === 0;
}

/**
 * Encrypts a secret by the computer's own key: that of its TPM, of /var/lib/systemd, or both.
 *
 * @param name of the credential; only under this name does it open
 * @returns base64 text, as LoadCredentialEncrypted= takes it
 * @throws SecretsError `secrets.systemd-creds-failed`
 */
export function encryptCredential(name: string, secret: Uint8Array): string {
  return ask(['encrypt', `--name=${name}`, '-', '-'], secret).toString('latin1');
}

/**
 * What systemd decrypted for this service, else by asking it to.
 *
 * @throws SecretsError `secrets.systemd-creds-failed`, also where it was encrypted on another computer
 */
export function decryptCredential(name: string, encrypted: string): Buffer {
  const given = process.env.CREDENTIALS_DIRECTORY;
  if (given !== undefined && existsSync(join(given, name))) return readFileSync(join(given, name));
  return ask(['decrypt', `--name=${name}`, '-', '-'], Buffer.from(encrypted, 'latin1'));
}

function ask(parameters: readonly string[], input: Uint8Array): Buffer {
  try {
    return runTool('systemd-creds', parameters, input);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SecretsError(
      'secrets.systemd-creds-failed',
      `systemd’s key of this computer cannot be used (${reason}); run this as root, or give the service the credential`,
      { cause },
    );
  }
}
