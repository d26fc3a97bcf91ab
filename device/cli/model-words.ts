import type { InferenceChange, InferenceStatus } from '../inference/inference.ts';

/** The models in one line, and whether all of them are at work. */
export function modelsInWords({ models, trouble }: InferenceStatus): { text: string; whole: boolean } {
  if (trouble !== undefined) return { text: `no models: ${trouble.message} (${trouble.code})`, whole: false };
  const parts = Object.entries(models).map(([name, model]) =>
    model.state === 'ready'
      ? `${name} on ${model.provider} (${model.precision}, ${model.proof.latencyMs.toFixed(1)} ms)`
      : `${name} not used (${model.code}: ${model.message})`,
  );
  if (parts.length === 0) return { text: 'models: still being tried', whole: false };
  const whole = Object.values(models).every(({ state }) => state === 'ready');
  return { text: `models: ${parts.join(', ')}`, whole };
}

/** What somebody at the screen should know of a change while the terminal runs; the start tells of the first one. */
export function modelChangeInWords(change: InferenceChange): string | undefined {
  if (change.status.restarts === 0) return undefined;
  if (change.kind === 'degraded') return `models: ${change.message} (${change.code}); touches are judged without them`;
  return modelsInWords(change.status).text;
}
