import { statfsSync } from 'node:fs';
import { troubleOf } from '../../inference/trouble-of.ts';
import type { Finding, Step } from '../step.ts';
import type { Workbench } from '../workbench.ts';

/** Room on the disk under which events may soon not be kept, bytes. */
const LEAST_FREE = 500e6;

export const selftestStep: Step = {
  id: 'selftest',
  title: 'Self-test',
  purpose: 'Models, gallery and disk are proven on this very board.',
  run(bench) {
    return Promise.resolve({ findings: [...models(bench), ...gallery(bench), disk(bench)] });
  },
};

/** As `whorl selftest` has it: each model was proven by a known answer when it was loaded. */
function models({ inference }: Workbench): Finding[] {
  const status = inference.status();
  const trouble = troubleOf(status);
  const used = Object.entries(status.models).flatMap(([name, model]) => {
    const attempt = model.attempts.find(({ refused }) => refused === undefined);
    if (model.state !== 'ready' || attempt?.proof === undefined) return [];
    const { distance, latencyMs } = attempt.proof;
    const proof = `known answer off by ${distance.toExponential(1)}, ${latencyMs.toFixed(1)} ms`;
    return [
      { mark: 'good', words: `model ${name} (${model.sha256.slice(0, 16)}) on ${attempt.provider}: ${proof}` } as const,
    ];
  });
  return trouble === undefined ? used : [...used, { mark: 'act', words: `${trouble.code}: ${trouble.message}` }];
}

function gallery({ recognizer }: Workbench): Finding[] {
  const { people, damaged } = recognizer.contents();
  return [
    { mark: 'good', words: `${people.size} ${people.size === 1 ? 'person is' : 'people are'} enrolled` },
    ...(damaged === 0 ? [] : [{ mark: 'act', words: `${damaged} records of the gallery are damaged` } as const]),
  ];
}

function disk({ config }: Workbench): Finding {
  const { bavail, bsize } = statfsSync(config.state);
  const free = bavail * bsize;
  const words = `${(free / 1e9).toFixed(1)} GB are free for events`;
  return { mark: free < LEAST_FREE ? 'act' : 'good', words };
}
