import type { ModelFigures, Report } from './events/event.ts';
import type { InferenceChange } from './inference/inference.ts';

/** A change of the models as an event. */
export function describeModels(change: InferenceChange): Report {
  if (change.kind === 'degraded')
    return { type: 'whorl.models.degraded', data: { code: change.code, message: change.message } };
  const models: Record<string, ModelFigures> = {};
  for (const [name, model] of Object.entries(change.status.models))
    if (model.state === 'ready') {
      const { id, provider, precision, sha256, proof } = model;
      models[name] = { id, provider, precision, sha256, latencyMs: Math.round(proof.latencyMs * 10) / 10 };
    }
  return { type: 'whorl.models.ready', data: { models } };
}
