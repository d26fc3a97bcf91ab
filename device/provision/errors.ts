import { WhorlError } from '../errors.ts';

export type ProvisionErrorCode =
  | 'provision.bad-answer'
  | 'provision.bad-report'
  | 'provision.bad-signature'
  | 'provision.busy'
  | 'provision.called-off'
  | 'provision.no-answer'
  | 'provision.no-question'
  | 'provision.not-ready'
  | 'provision.unreadable-progress'
  | 'provision.unknown-step';

/** What goes wrong between a boxed board and a trusted door. */
export class ProvisionError extends WhorlError {
  declare readonly code: ProvisionErrorCode;

  constructor(code: ProvisionErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
