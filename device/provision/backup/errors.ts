import { WhorlError } from '../../errors.ts';

export class BackupError extends WhorlError {
  constructor(
    code:
      | 'backup.malformed'
      | 'backup.newer-version'
      | 'backup.bad-signature'
      | 'backup.other-signer'
      | 'backup.locked'
      | 'backup.weak-passphrase'
      | 'backup.bad-recipient'
      | 'backup.not-empty'
      | 'backup.incomplete-gallery'
      | 'backup.unwritable',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
