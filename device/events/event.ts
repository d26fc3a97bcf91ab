import type { ClockDoubt } from '../access/clock-doubt.ts';
import type { StopReason } from '../access/stop-reason.ts';

/** Milliseconds that each phase of a touch took. */
export interface PhaseTimes {
  readonly features: number;
  readonly decide: number;
}

/** What a decision rested on. Evidence is the natural logarithm of a likelihood ratio. */
export interface DecisionFigures {
  /** That the touch is of the person it is most like; absent when nobody is enrolled. */
  readonly llr?: number;
  /** The comparison score behind it. */
  readonly score?: number;
  /** The least evidence that opens this door. */
  readonly threshold: number;
  /** Of the capture, 0 (worst) to 100 (best). */
  readonly quality: number;
}

/** Why nobody was recognised. */
export type RecognitionFailure = 'not-recognised' | 'ambiguous' | 'nobody-enrolled';

/** Why a good capture opened no door: nobody was recognised, or the rules stopped whoever was. */
export type DenialReason = RecognitionFailure | StopReason;

/** What of a person's pass can be changed. */
export type PassChange = 'groups' | 'blocked' | 'unblocked' | 'validity' | 'opening' | 'fingers';

/** What tells one sensor from another. */
export interface SensorFigures {
  readonly model: string;
  readonly serial?: string;
}

/** A model at work. */
export interface ModelFigures {
  /** What templates name it by. */
  readonly id: string;
  readonly provider: string;
  readonly precision: string;
  readonly sha256: string;
  /** Of one run on the known input. */
  readonly latencyMs: number;
}

/**
 * Everything a terminal reports, by type. People appear by id only, unless the operator asks for names
 * (`events.names`). No event ever carries a template or an image.
 */
export interface EventData {
  'whorl.terminal.started': { readonly version: string; readonly sensor: string; readonly people: number };
  'whorl.terminal.stopped': { readonly reason: 'asked' | 'touches-done' | 'sensor-ended' };
  /** A technician finished provisioning: how many steps passed, and what the signed report is known by. */
  'whorl.terminal.accepted': { readonly operator: string; readonly passed: number; readonly report: string };
  /** Committed before the door moves. The subject is the person. */
  'whorl.touch.granted': DecisionFigures & {
    readonly name?: string;
    readonly finger: string;
    /** Version of the rules that decided; 0 for those that hold where none were imported. */
    readonly rules: number;
    /** Id of the other one, where two people were needed. */
    readonly with?: string;
    readonly ms: PhaseTimes;
  };
  /** The subject is the person whom the rules stopped; there is none where nobody was recognised. */
  'whorl.touch.denied': DecisionFigures & {
    readonly reason: DenialReason;
    readonly name?: string;
    readonly rules?: number;
    readonly ms: PhaseTimes;
  };
  /** Silent alarm: the person touched with a finger that says so. Nothing at the door shows it. */
  'whorl.access.duress': Record<string, never>;
  /** Somebody passed the same way twice, which the rules report and do not refuse. */
  'whorl.access.passback': Record<string, never>;
  /** Rules, pass or passages of the subject could not be read: nobody passes on a guess. */
  'whorl.access.unreadable': { readonly code: string; readonly message: string };
  /** The time of day cannot be relied on any more, or can again. */
  'whorl.clock.doubted': { readonly doubt: ClockDoubt };
  'whorl.clock.trusted': Record<string, never>;
  /** The capture was not good enough to be compared; the reason is an advice to the person. */
  'whorl.touch.retry': { readonly reason: string };
  /** A part failed during a touch; the terminal went on. */
  'whorl.touch.failed': { readonly phase: string; readonly code: string; readonly message: string };
  /** So many records of the gallery could not be read; the people behind them are not recognised. */
  'whorl.gallery.damaged': { readonly records: number };
  /** The models were tried, or tried anew after their process had died: what computes each that can be used. */
  'whorl.models.ready': { readonly models: Readonly<Record<string, ModelFigures>> };
  /** Some models cannot be used, or none can for now: touches are judged without them. */
  'whorl.models.degraded': { readonly code: string; readonly message: string };
  /** So many people were enrolled with other models than these: minutiae alone tell them until they are enrolled again. */
  'whorl.models.touch-again': { readonly people: number };
  /** The sensor answers; touches are served. */
  'whorl.sensor.connected': SensorFigures & { readonly link: string };
  /** Unplugged, or not answering; the terminal looks for it until it is back. */
  'whorl.sensor.disconnected': { readonly link: string; readonly code: string; readonly message: string };
  /** This sensor belongs to this terminal from now on. */
  'whorl.sensor.paired': SensorFigures & { readonly link: string };
  /** A technician let another sensor take the place of the one before. */
  'whorl.sensor.accepted': SensorFigures;
  /** A technician measured the sensor; its captures are corrected from now on. */
  'whorl.sensor.calibrated': SensorFigures & {
    readonly verdict: 'fine' | 'corrected';
    readonly dpi: number;
    readonly deadPixels: number;
  };
  /** Another sensor was found in the place of the paired one, and is refused until a technician accepts it. */
  'whorl.sensor.swapped': { readonly link: string; readonly paired: SensorFigures; readonly found: SensorFigures };
  /** The strike was released: for a pulse, or without one for as long as its cause lasts. */
  'whorl.door.unlocked': {
    readonly cause: 'touch' | 'exit' | 'operator' | 'schedule' | 'fire';
    readonly pulseMs?: number;
  };
  'whorl.door.locked': Record<string, never>;
  /** It was to be unlocked and could not be. */
  'whorl.door.failed': { readonly code: string; readonly message: string };
  'whorl.door.opened': Record<string, never>;
  'whorl.door.closed': Record<string, never>;
  /** Alarm: opened although nobody was let in or asked to leave. */
  'whorl.door.forced': Record<string, never>;
  /** The door has been open for long; if it stays so, the alarm follows. */
  'whorl.door.held-open-soon': Record<string, never>;
  /** Alarm. */
  'whorl.door.held-open': Record<string, never>;
  'whorl.door.alarm-ended': { readonly alarm: 'forced' | 'held-open' };
  /** Somebody inside pressed the exit button. */
  'whorl.door.exit-requested': Record<string, never>;
  /** Alarm while active, as is fire. */
  'whorl.door.tamper': { readonly active: boolean };
  'whorl.door.fire': { readonly active: boolean };
  /** What rules the door from now on. */
  'whorl.door.mode': { readonly mode: 'evacuation' | 'lockdown' | 'unlocked' | 'normal' };
  'whorl.door.board-ready': { readonly board: string };
  /** Alarm: what drives the door is gone, silent or in doubt; its relay is off, or will be within README's bound. */
  'whorl.door.board-lost': { readonly code: string; readonly message: string };
  /** Alarm, committed by the door's own process: the terminal was killed or hung, and the relay was switched off. */
  'whorl.door.terminal-lost': { readonly code: string; readonly message: string };
  /** An operator's command at this terminal, as it was obeyed. */
  'whorl.door.commanded': { readonly operator: string; readonly command: string };
  /** The subject is the person, here and below. */
  'whorl.person.enrolled': { readonly finger: string; readonly touches: number };
  'whorl.finger.erased': { readonly finger: string; readonly templates: number };
  'whorl.person.erased': { readonly templates: number };
  /** Everything was sealed anew under a new master key, which is kept so. */
  'whorl.gallery.key-rotated': {
    readonly operator: string;
    readonly people: number;
    readonly keeper: 'tpm2' | 'systemd-creds' | 'file';
  };
  /** Everybody, with their fingers, and all rules: nothing of them opens any more. */
  'whorl.gallery.erased': { readonly operator: string; readonly people: number; readonly templates: number };
  'whorl.backup.created': { readonly operator: string; readonly people: number };
  /** This board took the place of another, `from`. */
  'whorl.backup.restored': { readonly operator: string; readonly people: number; readonly from: string };
  /** The board has a certificate, claimed or renewed. */
  'whorl.identity.certified': { readonly operator: string; readonly validUntil: string };
  /** The certificate runs out and could not be renewed so far. */
  'whorl.identity.renewal-failed': { readonly code: string; readonly message: string; readonly validUntil: string };
  'whorl.person.added': { readonly operator: string };
  /** What of the person's pass an operator changed, but not into what: a duress finger is nobody's business. */
  'whorl.person.changed': { readonly operator: string; readonly change: PassChange };
  /** The last passages of the subject, or of everybody, were forgotten. */
  'whorl.access.forgiven': { readonly operator: string; readonly people: number };
  'whorl.rules.imported': { readonly operator: string; readonly version: number; readonly people: number };
  /** The outbox was full and let its oldest events go: so many between these sequence numbers will never come. */
  'whorl.events.lost': { readonly from: number; readonly to: number; readonly count: number };
}

export type EventType = keyof EventData;

/** An event as a room reports it; the outbox adds the rest. */
export type Report = {
  [T in EventType]: { readonly type: T; readonly subject?: string; readonly data: EventData[T] };
}[EventType];

/**
 * An event as it travels: CloudEvents 1.0 in structured JSON.
 *
 * `sequence` is CloudEvents' sequence extension: a decimal number of ten digits that rises by one with each event of a
 * journal, so that a consumer notices a hole and drops what comes twice. `journal` (ours) names the series: it
 * changes only when a terminal's outbox is made anew. `id` is `<journal>-<number>`.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/extensions/sequence.md
 */
export type TerminalEvent = Report & {
  readonly specversion: '1.0';
  readonly id: string;
  /** `/whorl/<device>` */
  readonly source: string;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly journal: string;
  readonly sequence: string;
};
