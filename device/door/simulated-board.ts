import type { BoardNews, DoorBoard, Input, OpenBoard } from './board.ts';

/** A board without hardware: always there, and its inputs do what they are told. */
export class SimulatedBoard implements DoorBoard {
  readonly #listener: (news: BoardNews) => void;
  #released = false;

  private constructor(listener: (news: BoardNews) => void) {
    this.#listener = listener;
    queueMicrotask(() => {
      listener({ kind: 'ready', board: 'simulated', inputs: {} });
    });
  }

  static readonly open = ((listener) => new SimulatedBoard(listener)) satisfies OpenBoard;

  get released(): boolean {
    return this.#released;
  }

  set(input: Input, active: boolean): void {
    this.#listener({ kind: 'input', input, active });
  }

  release(): Promise<void> {
    this.#released = true;
    return Promise.resolve();
  }

  secure(): void {
    this.#released = false;
  }

  show(): void {
    // Nobody sees it.
  }

  close(): Promise<void> {
    this.#released = false;
    return Promise.resolve();
  }
}
