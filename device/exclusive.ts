import Database from 'better-sqlite3';
import { WhorlError } from './errors.ts';

/**
 * Claims something for this process alone, until the returned function is called or the process ends in whatever way:
 * the lock is the operating system's, so nothing stale ever stays behind.
 *
 * @param path of a file that serves as the lock; it holds nothing
 * @throws WhorlError with `code` where another process has claimed it
 */
export function claim(path: string, code: string, message: string): () => void {
  const lock = new Database(path, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new WhorlError(code, message, { cause });
  }
  return () => {
    lock.close();
  };
}
