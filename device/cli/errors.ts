import { WhorlError } from '../errors.ts';

export class CliError extends WhorlError {
  constructor(
    code:
      | 'cli.unreadable-file'
      | 'cli.too-few-files'
      | 'cli.unwritable-file'
      | 'cli.binary-to-terminal'
      | 'cli.finger-enrolled'
      | 'cli.no-touch'
      | 'cli.no-hardware'
      | 'cli.no-answer',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}
