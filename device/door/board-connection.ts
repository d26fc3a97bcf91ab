/** Just what is used of a johnny-five IO plugin beside what johnny-five itself uses. */
export type IoPlugin = object;

/** A board that was found and whose relay was told to be off, before anything else. */
export interface BoardConnection {
  /** For people and events; complete when `io` is ready. */
  readonly name: () => string;
  readonly io: IoPlugin;
  /** Lets the plugin begin, after johnny-five has taken it: johnny-five would miss what came before. */
  begin(): void;
  /** Resolves when everything written so far has left this computer. */
  flushed(): Promise<void>;
  /** Aborts, with a `DoorError`, as soon as the board is gone, in doubt or closed. */
  readonly gone: AbortSignal;
  close(): Promise<void>;
}
