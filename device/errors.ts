/**
 * The one family of errors that Whorl throws on purpose.
 *
 * A room has its own class with the list of its codes (`class ImagingError extends WhorlError`, `errors.ts` beside its
 * code). The code is stable and meant for programs; the message says what happened and what a person can do about it.
 * A capture that is not good enough is not an error: it is a *retry*, which is a result.
 */
export class WhorlError extends Error {
  /** Stable, `<room>.<what>` in kebab case. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}
