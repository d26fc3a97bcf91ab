import { decodeFrame, mayStart, sizeOf, type Frame } from './frame.ts';

/** What the stream turned out to hold. */
export type Received =
  | { readonly kind: 'frame'; readonly frame: Frame }
  /** Something looked like a frame but its sum was wrong. */
  | { readonly kind: 'damaged' }
  /** The byte by which a module says that it has just started. */
  | { readonly kind: 'ready' };

/** Sent once after power-on and reset; a 0x00 may come before it when the line rises. */
const READY = 0x55;

/**
 * Finds frames in whatever comes over the wire: cut anywhere, with strays before and noise among them. Holds less than one
 * longest frame. What is not a frame is dropped byte by byte, so that the first whole frame behind it is found.
 */
export class Framer {
  #held = new Uint8Array(0);

  /** Bytes that may still become a frame. */
  get pending(): number {
    return this.#held.length;
  }

  push(chunk: Uint8Array): Received[] {
    const bytes = new Uint8Array(this.#held.length + chunk.length);
    bytes.set(this.#held);
    bytes.set(chunk, this.#held.length);
    const found: Received[] = [];
    let at = 0;
    while (at < bytes.length) {
      if (!mayStart(bytes, at)) {
        // Among noise it means nothing; as a lone byte it is the module's first word.
        if (bytes[at] === READY && isLone(bytes, at)) found.push({ kind: 'ready' });
        at++;
        continue;
      }
      const frame = decodeFrame(bytes, at);
      if (frame === undefined) break;
      if (frame === 'damaged') {
        found.push({ kind: 'damaged' });
        at++;
        continue;
      }
      found.push({ kind: 'frame', frame });
      at += sizeOf(frame);
    }
    this.#held = bytes.slice(at);
    return found;
  }

  /**
   * For when nothing has come for a while: noise that looks like the beginning of a long frame must not hide a whole
   * frame behind it. A frame that is only slow is left as it is.
   */
  lookBehind(): Received[] {
    const bytes = this.#held;
    for (let at = 1; at < bytes.length; at++) {
      if (!mayStart(bytes, at)) continue;
      const frame = decodeFrame(bytes, at);
      if (frame === undefined || frame === 'damaged') continue;
      this.#held = new Uint8Array(0);
      return [{ kind: 'damaged' }, { kind: 'frame', frame }, ...this.push(bytes.subarray(at + sizeOf(frame)))];
    }
    return [];
  }

  /** Forgets what is held: what follows belongs to another conversation. */
  reset(): void {
    this.#held = new Uint8Array(0);
  }
}

/** Nothing but a 0x00 before it, and nothing or a frame behind it. */
function isLone(bytes: Uint8Array, at: number): boolean {
  return (at === 0 || bytes[at - 1] === 0) && (at + 1 === bytes.length || mayStart(bytes, at + 1));
}
