import { join } from 'node:path';
import type { ClockDoubt } from './access/clock-doubt.ts';
import { brokerIdentity } from './broker-identity.ts';
import { systemClock } from './clock.ts';
import { CLOCK_FILE, ClockTrust } from './clock-trust.ts';
import type { Config } from './config/schema.ts';
import { openControlSocket } from './control-socket.ts';
import { ControlledDoor } from './door/controlled-door.ts';
import type { Door, DoorChange } from './door/door.ts';
import { DoorDesk } from './door-desk.ts';
import { describeDoorChange } from './door-reports.ts';
import { Doorkeeper } from './doorkeeper.ts';
import { modelIdsOf, otherModels, readFusionFile } from './fusion-file.ts';
import { followSchedule } from './follow-schedule.ts';
import { tellHealth } from './health.ts';
import { keepRetention } from './keep-retention.ts';
import { WhorlError } from './errors.ts';
import { openBoardOf } from './open-board.ts';
import { openBroker } from './events/broker.ts';
import type { Inference, InferenceChange } from './inference/inference.ts';
import { startInference } from './inference/open-inference.ts';
import { describeModels } from './model-reports.ts';
import { modelsDirectory } from './models-directory.ts';
import { checkBrokerUrl, EventLink, type LinkChange } from './events/link.ts';
import { Outbox, OUTBOX_FILE } from './events/outbox.ts';
import { topicsOf } from './events/topics.ts';
import type { Report } from './events/event.ts';
import { claimState } from './claim-state.ts';
import type { Gallery } from './gallery/gallery.ts';
import { openGalleryIn } from './gallery/open-in-directory.ts';
import { DEFAULT_BUDGET } from './matching/decision/budget.ts';
import { FusionError } from './matching/fusion/errors.ts';
import { fits } from './matching/fusion/fusion.ts';
import type { FusionFile } from './matching/fusion/fusion-file.ts';
import type { ModelIds } from './matching/fusion/parts.ts';
import { FusedRecognizer, type ProbeTouch } from './recognizer.ts';
import { keepRenewing } from './provision/identity/renewal.ts';
import { readScoreCalibration } from './score-calibration.ts';
import { openSensor } from './sensor/open-sensor.ts';
import type { Rehearsal } from './sensor/rehearsal.ts';
import type { Sensor, SensorDescription, SensorEvent, SensorIdentity, SensorListener } from './sensor/sensor.ts';
import { Terminal } from './terminal.ts';

/** A terminal with all its parts, open. */
export interface Station {
  readonly gallery: Gallery;
  readonly recognizer: FusedRecognizer;
  readonly sensor: Sensor;
  /** The same with all its defects: what is calibrated. */
  readonly uncorrected: Sensor;
  /** Finds hardware now. @throws SensorError why there is none */
  connectSensor(signal: AbortSignal): Promise<void>;
  /** Whether the time of day can be relied on. */
  readonly trust: ClockTrust;
  /** Who will touch it; unknown where the sensor is hardware. */
  readonly rehearsal?: Rehearsal;
  readonly outbox: Outbox;
  readonly link: EventLink;
  /** Where events go. */
  readonly brokerUrl: string;
  readonly door: Door;
  readonly inference: Inference;
  readonly terminal: Terminal<ProbeTouch>;
  readonly commit: (report: Report) => void;
  /** Locks the door; nothing moves it any more. */
  lock(): Promise<void>;
  /** Closes every part, the last opened first. What was not delivered waits on disk. */
  close(): Promise<void>;
}

export interface StationOptions {
  readonly config: Config;
  /** Decides everything that a sensor without hardware leaves to chance. */
  readonly seed: number;
  readonly onLink: (change: LinkChange) => void;
  /** Told of what happens to the sensor beside its touches. */
  readonly onSensor: SensorListener;
  /** Told of what happens at the door, after its event was committed. */
  readonly onDoor: (change: DoorChange) => void;
  /** Told of what happens to the models, after its event was committed. */
  readonly onModels: (change: InferenceChange) => void;
  /** Told of what went wrong beside the touches, where nobody waits for an answer. */
  readonly onTrouble: (error: WhorlError) => void;
}

/** Makes a terminal's parts out of its configuration and joins them. What was opened is closed again on failure. */
export async function openStation({
  config,
  seed,
  onLink,
  onSensor,
  onDoor,
  onModels,
  onTrouble,
}: StationOptions): Promise<Station> {
  const closers: (() => void | Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer();
  };
  try {
    const clock = systemClock;
    const { device, broker } = config;
    if (broker.url !== undefined) checkBrokerUrl(broker.url);
    let sensorTrouble: string | undefined;
    const opened = openSensor(config.sensor, {
      seed,
      state: config.state,
      onEvent: (event) => {
        if (event.kind === 'disconnected') sensorTrouble = event.code;
        else if (event.kind === 'swapped') sensorTrouble = 'sensor.swapped';
        else if (event.kind !== 'upload') sensorTrouble = undefined;
        reportBeside(describe(event));
        onSensor(event);
      },
    });
    const { sensor, uncorrected, rehearsal } = opened;
    closers.push(() => sensor.close());

    const gallery = openGalleryIn(config.state, clock, config.keys);
    closers.push(() => {
      gallery.close();
    });
    closers.push(claimState(config.state));
    const outbox = new Outbox({
      path: join(config.state, OUTBOX_FILE),
      device,
      capacity: config.events.capacity,
      clock,
    });
    closers.push(() => {
      outbox.close();
    });
    const embed = async (): Promise<string> => {
      const embedded = await openBroker(broker.port);
      closers.push(() => embedded.close());
      return embedded.url;
    };
    const brokerUrl = broker.url ?? (await embed());
    const link = new EventLink({
      url: brokerUrl,
      tls: () => brokerIdentity(config),
      device,
      outbox,
      acknowledgedBy: config.events.acknowledgedBy ?? (broker.url === undefined ? 'broker' : 'collector'),
      clock,
      onChange: onLink,
      onTrouble,
    });
    closers.push(() => link.close());

    const commit = (report: Report): void => {
      outbox.append(report);
    };
    /** Reports what has happened already: refusing to say so would not undo it. */
    const reportBeside = (report: Report | undefined): void => {
      try {
        if (report !== undefined) commit(report);
      } catch (cause) {
        onTrouble(cause instanceof WhorlError ? cause : new WhorlError('events.unreported', String(cause), { cause }));
      }
    };
    const renewing = new AbortController();
    closers.push(() => {
      renewing.abort();
    });
    void keepRenewing({
      state: config.state,
      device,
      clock,
      signal: renewing.signal,
      onRenewed: ({ validUntil }) => {
        const data = { operator: 'this terminal', validUntil: new Date(validUntil).toISOString() };
        reportBeside({ type: 'whorl.identity.certified', data });
      },
      onTrouble: (error, { validUntil }) => {
        const { code, message } = error;
        const data = { code, message, validUntil: new Date(validUntil).toISOString() };
        reportBeside({ type: 'whorl.identity.renewal-failed', data });
        onTrouble(error);
      },
    });
    const fusion = await readFusionFile().catch(refusedFusion);
    const inference = startInference({
      models: modelsDirectory(config),
      clock,
      onChange: (change) => {
        reportBeside(describeModels(change));
        onModels(change);
        const trouble = change.kind === 'degraded' ? undefined : troubleOf(fusion, modelIdsOf(inference));
        if (trouble === undefined) return;
        reportBeside({ type: 'whorl.models.degraded', data: { code: trouble.code, message: trouble.message } });
        onTrouble(trouble);
      },
    });
    closers.push(() => inference.close());
    const recognizer = new FusedRecognizer({
      gallery,
      calibration: await readScoreCalibration(),
      budget: { ...DEFAULT_BUDGET, ...config.falseAccept },
      networks: inference,
      ...(!(fusion instanceof FusionError) && { fusion }),
    });
    // Decrypting a large gallery takes about as long as the models' proofs: it is done while their process is at that.
    recognizer.expect(await inference.asked);
    const door = new ControlledDoor({
      open: openBoardOf(config),
      settings: {
        contact: config.door.contact.wired !== 'none',
        lock: config.door.lock,
        unlockMs: config.door.unlockMs,
        heldOpen: config.door.heldOpen,
      },
      clock,
      onChange: (change) => {
        reportBeside(describeDoorChange(change));
        onDoor(change);
      },
    });
    const lock = (): Promise<void> => door.close();
    closers.push(lock);
    const desk = new DoorDesk({ door, pulseMs: config.door.unlockMs, commit, state: config.state });
    closers.push(await openControlSocket(config.state, (request) => desk.answer(request)));

    const trust = await ClockTrust.open({
      clock,
      path: join(config.state, CLOCK_FILE),
      battery: config.clock.battery,
      onChange: (doubt) => {
        reportBeside(describeDoubt(doubt));
      },
    });
    closers.push(() => {
      trust.close();
    });
    closers.push(
      keepRetention({
        outbox,
        days: config.events.retentionDays,
        clock,
        trusted: () => trust.doubt === undefined,
        onTrouble,
      }),
    );
    const doorkeeper = new Doorkeeper({
      gallery,
      clock,
      trusted: () => trust.doubt === undefined,
      lockdown: () => door.status.mode === 'lockdown',
    });
    closers.push(followSchedule(door, doorkeeper, clock));

    await inference.opened;
    closers.push(
      tellHealth({
        ...{
          link,
          topic: topicsOf(device).health,
          outbox,
          state: config.state,
          inference,
          sensor,
          door,
          trust,
          gallery,
        },
        sensorTrouble: () => sensorTrouble,
        clock,
      }),
    );
    const terminal = new Terminal({
      sensor,
      recognizer,
      access: doorkeeper,
      door,
      commit,
      clock,
      pulseMs: config.door.unlockMs,
      names: config.events.names,
    });
    return {
      ...{ gallery, recognizer, sensor, uncorrected, trust, ...(rehearsal && { rehearsal }) },
      connectSensor: (signal) => opened.connect(signal),
      ...{ outbox, link, brokerUrl, door, inference, terminal, commit, lock, close },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function refusedFusion(error: unknown): FusionError {
  if (error instanceof FusionError) return error;
  throw error;
}

/** Models whose scores nobody has calibrated are of no use: then touches are judged by their minutiae alone. */
function troubleOf(fusion: FusionFile | FusionError, running: ModelIds): FusionError | undefined {
  if (running.backbone === undefined) return undefined;
  if (fusion instanceof FusionError) return fusion;
  return fits(fusion, running) ? undefined : otherModels();
}

function describeDoubt(doubt: ClockDoubt | undefined): Report {
  return doubt === undefined
    ? { type: 'whorl.clock.trusted', data: {} }
    : { type: 'whorl.clock.doubted', data: { doubt } };
}

function describe(change: SensorEvent): Report | undefined {
  switch (change.kind) {
    case 'connected':
    case 'paired':
      return { type: `whorl.sensor.${change.kind}`, data: identityOf(change.sensor) };
    case 'disconnected': {
      const { link, code, message } = change;
      return { type: 'whorl.sensor.disconnected', data: { link, code, message } };
    }
    case 'swapped': {
      const { link, ...found } = identityOf(change.found);
      return { type: 'whorl.sensor.swapped', data: { link, paired: change.paired, found } };
    }
    case 'upload':
      return undefined;
  }
}

function identityOf({ model, serial, link }: SensorDescription): SensorIdentity & { readonly link: string } {
  return { model, ...(serial !== undefined && { serial }), link };
}
