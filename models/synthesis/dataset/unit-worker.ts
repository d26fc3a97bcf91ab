import { parentPort, workerData } from 'node:worker_threads';
import type { DatasetPlan } from './plan.ts';
import { writePngUnit } from './png-unit.ts';
import { writeShardUnit } from './shard-unit.ts';

/** What a thread is started with. */
export interface UnitWorkerData {
  readonly plan: DatasetPlan;
  readonly directory: string;
}

/** What it answers to a unit's number. */
export type UnitAnswer = { readonly hash: string } | { readonly failure: string };

const { plan, directory } = workerData as UnitWorkerData;
const write = plan.format === 'png' ? writePngUnit : writeShardUnit;

parentPort?.on('message', (unit: number) => {
  write(plan, directory, unit)
    .then((hash): UnitAnswer => ({ hash }))
    .catch((error: unknown): UnitAnswer => ({ failure: error instanceof Error ? error.message : String(error) }))
    .then((answer) => parentPort?.postMessage(answer))
    .catch((error: unknown) => {
      throw error;
    });
});
