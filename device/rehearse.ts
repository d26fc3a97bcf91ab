import { enrolGoodTouches } from './gallery/enrol-good-touches.ts';
import type { EnrolmentProblem } from './gallery/enrolment.ts';
import type { TouchTemplate } from './gallery/template-codec.ts';
import type { Station } from './main.ts';
import type { Enrollee, Rehearsal } from './sensor/rehearsal.ts';

/** Why one of a rehearsal's people stays a stranger after all. */
export interface Refusal {
  readonly name: string;
  readonly reason: EnrolmentProblem['reason'] | 'duplicate';
}

/**
 * Enrols a rehearsal's people; who has too few good touches stays a stranger.
 */
export async function enrolEnrollees(
  station: Pick<Station, 'gallery' | 'recognizer' | 'commit'>,
  { enrollees }: Pick<Rehearsal, 'enrollees'>,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = [];
  for (const [done, enrollee] of enrollees.entries()) {
    onProgress(done, enrollees.length);
    signal.throwIfAborted();
    const refusal = enrol(station, enrollee.name, await templatesOf(station, enrollee));
    if (refusal !== undefined) refusals.push(refusal);
  }
  onProgress(enrollees.length, enrollees.length);
  return refusals;
}

async function templatesOf({ recognizer }: Pick<Station, 'recognizer'>, enrollee: Enrollee): Promise<TouchTemplate[]> {
  const templates: TouchTemplate[] = [];
  for (const touch of enrollee.touches) {
    const extracted = await recognizer.features(await touch());
    if (extracted.kind === 'features') templates.push(extracted.features);
  }
  return templates;
}

function enrol(
  { gallery, recognizer, commit }: Pick<Station, 'gallery' | 'recognizer' | 'commit'>,
  name: string,
  touches: readonly TouchTemplate[],
): Refusal | undefined {
  const { comparison } = recognizer;
  const { result } = enrolGoodTouches(gallery, { person: { name }, position: 'unknown', touches, comparison });
  if (result.kind === 'enrolled') {
    const { person, finger } = result;
    commit({
      type: 'whorl.person.enrolled',
      subject: person.id,
      data: { finger: finger.position, touches: finger.templates.length },
    });
    return undefined;
  }
  return { name, reason: result.kind === 'retry' ? result.problems[0].reason : 'duplicate' };
}
