import type { EnrolmentProblem, EnrolmentResult } from './gallery/enrolment.ts';
import type { EnrolmentStep } from './gather-touches.ts';
import { outcomeOf } from './outcome.ts';

/** What a person should know of a touch that cannot be enrolled. */
export function problemInWords(problem: EnrolmentProblem): string {
  const { measured, required } = problem;
  switch (problem.reason) {
    case 'too-few-touches':
      return `${measured} good touches, at least ${required} are needed`;
    case 'low-quality':
      return `its quality is ${measured} of 100, at least ${required} is needed`;
    case 'few-minutiae':
      return `it shows ${measured} minutiae, at least ${required} are needed`;
    case 'unlike-the-others':
      return `it is not like the others (score ${measured.toFixed(2)}, ${required.toFixed(2)} is needed): is it the same finger?`;
  }
}

/** Why a finger was not enrolled. */
export function refusalInWords(result: Exclude<EnrolmentResult, { kind: 'enrolled' }>): string {
  switch (result.kind) {
    case 'retry':
      return result.problems.map(problemInWords).join('; ');
    case 'already-enrolled':
      return `${result.person.name} has a ${result.finger.position} enrolled; replace it by --replace`;
    case 'duplicate':
      return (
        `this finger is enrolled as ${result.finger.position} of ${result.person.name} ` +
        `(score ${result.score.toFixed(2)}, id ${result.person.id})`
      );
  }
}

/** What somebody at the sensor should know; `name` is whose finger is asked for. */
export function stepInWords(step: EnrolmentStep, name: string): string {
  switch (step.kind) {
    case 'ask':
      return `${name}: touch the sensor (${step.number} of ${step.of})`;
    case 'taken':
      return `${name}: touch ${step.number} of ${step.of} is good, quality ${step.quality}; lift the finger`;
    case 'retry':
      return `once more: ${outcomeOf(step).text}`;
    case 'problem':
      return `once more: ${problemInWords(step.problem)}`;
    case 'known':
      return `this finger is enrolled as ${step.finger.position} of ${step.person.name}; ${name} is asked for`;
    case 'begun-anew':
      return 'the touches before were of another finger: they are dropped';
    case 'failed':
      return `${step.error.code}: ${step.error.message}`;
  }
}
