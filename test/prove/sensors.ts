import { fuzzFramer, LONGEST_FRAME } from '../support/framer-fuzz.ts';
import { runFaults } from '../support/grow-fault-run.ts';
import { scratch } from '../support/scratch.ts';
import { exchangeSensor, spendMorning, timeUpload } from '../support/sensor-scenes.ts';
import { skipWithoutSocat } from '../support/socat.ts';
import { judged, skipped, type Claim, type ProofOptions } from './claim.ts';
import { proven } from './proven.ts';
import { proveReaders } from './readers.ts';
import { proveCalibration } from './sensor-calibration.ts';

const STREAMS = 1_000_000;
const SEQUENCES = 1_000;
const RECOVERY_MS = 5_000;

/** Bits of 256 × 288 pixels of four bits in packets of 256 bytes, each byte ten bits on the wire. */
const PICTURE_BITS = (36_864 + (36_864 / 256) * 11) * 10;

/** Sensors: USB readers, modules by serial line, their faults, an exchange of one for another, and calibration. */
export async function prove(options: ProofOptions): Promise<Claim[]> {
  return [...(await proveReaders(options)), ...(await proveModules(options)), ...(await proveCalibration(options))];
}

/** Simulated modules behind pseudo-terminals, read by the real serialport. */
async function proveModules({ quick, onStage }: ProofOptions): Promise<Claim[]> {
  onStage('a million streams through the framer');
  const claims = [proveFramer(quick ? STREAMS / 10 : STREAMS)];
  const missing = skipWithoutSocat();
  if (missing !== false) return [...claims, skipped('modules behind pseudo-terminals', missing)];

  onStage('a morning at a simulated R503');
  claims.push(
    await proven('R503: three people enrol at it, then touches are decided', 'nobody as another', async (cleanup) => {
      const { enrolled, granted, denied, wrong } = await spendMorning(cleanup, 'r503', quick ? 6 : 20);
      const figure = `${enrolled} enrolled, ${granted} granted, ${denied} denied, ${wrong} wrong`;
      return { figure, holds: enrolled === 3 && granted > 0 && wrong === 0 };
    }),
  );
  for (const baud of [57_600, 115_200]) {
    onStage(`an R307 at ${baud} baud`);
    const least = (PICTURE_BITS * 1_000) / baud;
    claims.push(
      await proven(
        `R307 at ${baud} baud: a picture`,
        `${(least / 1_000).toFixed(1)} s on the wire`,
        async (cleanup) => {
          const ms = await timeUpload(cleanup, 'r307', baud);
          return { figure: `${(ms / 1_000).toFixed(1)} s`, holds: ms >= least && ms <= 1.25 * least + 500 };
        },
      ),
    );
  }
  onStage('random faults');
  const sequences = quick ? SEQUENCES / 10 : SEQUENCES;
  claims.push(
    await proven(`${sequences} fault sequences: recovery`, `at most ${RECOVERY_MS} ms`, async (cleanup) => {
      const run = await runFaults({ sequences, modules: 20, directory: scratch(cleanup) });
      const { touches, pictures, foreign, inexact, medianMs, worstMs } = run;
      const times = `median ${medianMs.toFixed(0)}, worst ${worstMs.toFixed(0)} ms`;
      const figure = `${times}; ${touches} touches, ${pictures} pictures, ${foreign} of another touch, ${inexact} inexact`;
      return { figure, holds: foreign === 0 && worstMs <= RECOVERY_MS };
    }),
  );
  onStage('another sensor in the place of the paired one');
  claims.push(
    await proven('another sensor: refused, reported, accepted by a command', 'no touch served', async (cleanup) => {
      const { paired, found, servedBefore, accepted, servedAfter } = await exchangeSensor(cleanup);
      const figure = `${found ?? 'none'} for ${paired ?? 'none'}: ${servedBefore} served, ${servedAfter} once accepted`;
      return { figure, holds: servedBefore === 0 && servedAfter > 0 && accepted === found && paired !== undefined };
    }),
  );
  return claims;
}

function proveFramer(streams: number): Claim {
  const { bytes, invented, mostHeld, lostFirst, lostSecond } = fuzzFramer(streams, 1);
  const figure = `${lostFirst} and ${lostSecond} lost, ${invented} invented, ${mostHeld} bytes held`;
  const claim = `${streams} streams, ${(bytes / 1e6).toFixed(0)} MB: the first and second frame behind noise`;
  return judged(
    claim,
    figure,
    `second never, < ${LONGEST_FRAME} held`,
    invented + lostSecond === 0 && mostHeld < LONGEST_FRAME,
  );
}
