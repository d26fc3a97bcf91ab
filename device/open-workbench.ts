import { EventEmitter } from 'node:events';
import { systemClock } from './clock.ts';
import type { Config } from './config/schema.ts';
import type { DoorChange } from './door/door.ts';
import type { WhorlError } from './errors.ts';
import type { LinkChange } from './events/link.ts';
import { openStation, type StationOptions } from './main.ts';
import { outcomeOf } from './outcome.ts';
import type { Happenings, Workbench } from './provision/workbench.ts';
import type { Touch } from './terminal.ts';

export interface WorkbenchOptions extends Pick<StationOptions, 'onSensor' | 'onModels'> {
  readonly config: Config;
  readonly onDoor: (change: DoorChange) => void;
  readonly onTrouble: (error: WhorlError) => void;
}

export interface OpenedWorkbench {
  /** The board in the hands of whoever works at it now. */
  readonly benchOf: (operator: string) => Workbench;
  close(): Promise<void>;
}

/**
 * Opens a board for its technician: all parts of a terminal, and the terminal's lock, so that no other process has its
 * sensor and door meanwhile; but touches are served one by one, and only when a step asks for one.
 *
 * @throws WhorlError also `terminal.already-running`
 */
export async function openWorkbench(options: WorkbenchOptions): Promise<OpenedWorkbench> {
  const { config, onSensor, onModels, onDoor, onTrouble } = options;
  const happenings = new EventEmitter<{ [H in keyof Happenings]: Happenings[H] }>();
  let linkNow: LinkChange | undefined;
  const station = await openStation({
    ...{ config, seed: 1, onSensor, onModels, onTrouble },
    onLink: (change) => {
      linkNow = change;
      happenings.emit('link', change);
    },
    onDoor: (change) => {
      happenings.emit('door', change);
      onDoor(change);
    },
  });
  const { gallery, recognizer, sensor, uncorrected, rehearsal, door, inference, brokerUrl, outbox, trust } = station;
  const serveTouch = async (signal: AbortSignal): Promise<Touch | undefined> => {
    let served: Touch | undefined;
    await station.terminal.run(signal, 1, (touch) => {
      served = touch;
      door.signal(outcomeOf(touch).signal);
    });
    signal.throwIfAborted();
    return served;
  };
  return {
    benchOf: (operator) => ({
      ...{ config, clock: systemClock, operator, gallery, recognizer, sensor, uncorrected },
      ...(rehearsal && { rehearsal }),
      ...{ door, inference, brokerUrl, happenings, serveTouch },
      connectSensor: (signal) => station.connectSensor(signal),
      commit: (report) => {
        station.commit(report);
      },
      get link() {
        return linkNow;
      },
      get waiting() {
        return outbox.waiting;
      },
      get clockDoubt() {
        return trust.doubt;
      },
    }),
    async close() {
      await station.lock();
      await station.close();
    },
  };
}
