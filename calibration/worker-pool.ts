import { Worker } from 'node:worker_threads';
import { CalibrationError } from './errors.ts';

/**
 * Threads that each answer one message with one message, in the order in which they become free. Results come back
 * in the tasks' order, so they do not depend on the number of threads.
 */
export class WorkerPool<Task, Result> {
  private readonly workers: readonly Worker[];

  /**
   * @param entry module that answers every message of its `parentPort`
   * @param size number of threads
   */
  constructor(entry: URL, size: number) {
    this.workers = Array.from({ length: size }, () => new Worker(entry));
  }

  /**
   * Hands each task to the next free thread.
   * @throws CalibrationError `calibration.worker-failed` where a thread ended before its answer
   */
  async run(tasks: readonly Task[], onDone: (done: number) => void = () => undefined): Promise<Result[]> {
    const results = new Map<number, Result>();
    let next = 0;
    await Promise.all(
      this.workers.map(async (worker) => {
        for (let index = next++; index < tasks.length; index = next++) {
          results.set(index, await this.ask(worker, tasks[index]));
          onDone(results.size);
        }
      }),
    );
    return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
  }

  /** Gives every thread the same task and waits until all have answered. */
  async broadcast(task: Task): Promise<void> {
    await Promise.all(this.workers.map((worker) => this.ask(worker, task)));
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private ask(worker: Worker, task: Task | undefined): Promise<Result> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        worker.off('message', answered).off('error', failed).off('exit', ended);
        finish();
      };
      const answered = (result: Result): void => {
        settle(() => {
          resolve(result);
        });
      };
      const failed = (cause: unknown): void => {
        const reason = cause instanceof Error ? cause.message : String(cause);
        const message = `a thread of the evaluation failed: ${reason}`;
        settle(() => {
          reject(new CalibrationError('calibration.worker-failed', message, { cause }));
        });
      };
      const ended = (status: number): void => {
        failed(new Error(`it ended with status ${status}, perhaps for want of memory; try fewer --jobs`));
      };
      worker.on('message', answered).on('error', failed).on('exit', ended);
      worker.postMessage(task);
    });
  }
}
