import { InvalidArgumentError } from 'commander';
import colors from 'picocolors';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import { AccessCode } from '../console/access-code.ts';
import { pageCertificate } from '../console/certificate.ts';
import { servePage } from '../console/serve-page.ts';
import { TechnicianDesk } from '../console/technician-desk.ts';
import { WhorlError } from '../errors.ts';
import { openWorkbench, type OpenedWorkbench } from '../open-workbench.ts';
import { accept } from '../provision/acceptance/accept.ts';
import { keyIdOf, readReport } from '../provision/acceptance/report.ts';
import { Provisioning, type StepResult, type StepState } from '../provision/provisioning.ts';
import type { Mark, StepVerdict } from '../provision/step.ts';
import type { Workbench } from '../provision/workbench.ts';
import { STEPS } from '../provision/steps/all.ts';
import type { CommandContext } from './command.ts';
import { doorInWords } from './door-words.ts';
import { readInput } from './files.ts';
import { interruptible } from './interruptible.ts';
import { modelChangeInWords } from './model-words.ts';
import { type OperatorOptions, operatorOf, withOperator } from './operator.ts';
import type { Output } from './output.ts';
import { type ConfigOptions, readConfig } from './read-config.ts';
import { sensorTeller } from './sensor-words.ts';
import { WizardDialogue } from './wizard-dialogue.ts';

interface Options extends ConfigOptions, OperatorOptions {
  readonly sensor?: string;
  readonly page?: true;
  readonly listen: Address;
  readonly step?: string;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Every address of the board; a port that needs no privilege. */
const USUAL: Address = { host: '0.0.0.0', port: 8443 };

const VERDICTS: Readonly<Record<StepVerdict, string>> = {
  passed: colors.green('passed'),
  noted: colors.yellow('passed, with a note'),
  failed: colors.red('needs work'),
  skipped: colors.yellow('left out'),
};
const MARKS: Readonly<Record<Mark, string>> = {
  good: colors.green('good'),
  note: colors.yellow('note'),
  act: colors.red('act '),
};

export function register({ program, output }: CommandContext): void {
  const command = program
    .command('provision')
    .description('lead a technician from a boxed board to a door that works')
    .option('--page', 'serve the steps, and the enrolment of staff, as a page to browsers on the network')
    .option('--listen <host:port>', 'where the page is served', address, USUAL)
    .option('--step <name>', `only this one: ${STEPS.map(({ id }) => id).join(', ')}`)
    .option('--sensor <kind:target>', 'where touches come from (default: that of the configuration)')
    .option('--state <directory>', 'where the terminal keeps what it knows (default: ./var)')
    .option('--config <file>', 'configuration, JSON (default: config.json in the state directory, if there)');
  command
    .command('verify')
    .description('check that an acceptance report is as its board signed it')
    .argument('<report.json>')
    .action(async (file: string) => {
      await verify(file, output());
    });
  withOperator(command).action(async (options: Options) => {
    const config = readConfig(options, { sensor: options.sensor });
    const told = output();
    const workbench = await openWorkbench({
      config,
      onSensor: sensorTeller(told),
      onDoor: noteOf(told, doorInWords),
      onModels: noteOf(told, modelChangeInWords),
      onTrouble: ({ code, message }) => {
        told.note(`${code}: ${message}`);
      },
    });
    try {
      const provisioning = new Provisioning(STEPS, config.state);
      if (options.page === true) await serve(workbench, provisioning, config, options, told);
      else await lead(workbench, provisioning, options, told);
    } finally {
      await workbench.close();
    }
  });
}

/** The page, until Ctrl-C. */
async function serve(
  { benchOf }: OpenedWorkbench,
  provisioning: Provisioning,
  config: Config,
  { listen }: Options,
  output: Output,
): Promise<void> {
  const { device, state } = config;
  const onTrouble = (error: unknown): void => {
    output.note(error instanceof WhorlError ? `${error.code}: ${error.message}` : String(error));
  };
  const desk = new TechnicianDesk({ device, state, provisioning, benchOf, onTrouble });
  const code = new AccessCode({
    clock: systemClock,
    onCode: (text, minutes) => {
      output.line(`code for the page: ${colors.bold(text)} (once, within ${minutes} minutes)`);
    },
  });
  const { key, certificate, fingerprint } = await pageCertificate(state, device, systemClock.now());
  const page = await servePage({ desk, code, clock: systemClock, key, certificate, ...listen, onTrouble });
  try {
    output.line(`the page of ${colors.bold(device)} is served at https://${shown(listen.host)}:${page.port}/`);
    output.line('its certificate is the board’s own, so browsers warn; its SHA-256 fingerprint is');
    output.line(colors.dim(fingerprint));
    code.offer();
    await interruptible(
      (signal) =>
        new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            resolve();
          });
        }),
    );
  } finally {
    await page.close();
    await desk.stop();
  }
}

/** The wizard: what is not done yet, or the step that was asked for. */
async function lead(
  { benchOf }: OpenedWorkbench,
  provisioning: Provisioning,
  options: Options,
  output: Output,
): Promise<void> {
  const dialogue = new WizardDialogue(output);
  const bench = benchOf(operatorOf(options));
  const open = provisioning.states.filter((step) => !isDone(step));
  const ids = options.step === undefined ? open.map(({ id }) => id) : [options.step];
  try {
    await interruptible(async (signal) => {
      for (const id of ids) {
        const step = provisioning.states.find((one) => one.id === id);
        if (step) output.line(`\n${colors.bold(step.title)}: ${step.purpose}`);
        try {
          tell(await provisioning.run(id, bench, dialogue, signal), output);
        } catch (error) {
          if (signal.aborted) return;
          throw error;
        }
      }
      if (options.step === undefined && provisioning.states.every(isDone)) await sign(provisioning, bench, output);
      else output.result({ steps: provisioning.states });
    });
  } finally {
    dialogue.close();
  }
}

async function sign(provisioning: Provisioning, bench: Workbench, output: Output): Promise<void> {
  const { report, json, page } = await accept(provisioning, bench);
  output.result({ report, files: { json, page } });
  output.line(`\n${colors.green('accepted')}: report ${report.id}, signed by key ${keyIdOf(report.publicKey)}`);
  output.line(`to read: ${page}`);
  output.line(`to check: ${json}`);
}

/** Checks a report's signature, wherever it came from. */
async function verify(file: string, output: Output): Promise<void> {
  const report = readReport(Buffer.from(await readInput(file)).toString());
  const { device, at, operator, steps, publicKey } = report;
  const key = keyIdOf(publicKey);
  output.result({ valid: true, device, at, operator, key, steps: steps.map(({ id, verdict }) => ({ id, verdict })) });
  output.line(`${colors.green('unchanged')} since ${device} signed it on ${at.slice(0, 16)}Z for ${operator}`);
  output.line(`key ${key}: compare it with the key that this board is known by`);
  for (const { title, verdict } of steps) output.line(`  ${title}: ${VERDICTS[verdict]}`);
}

function isDone({ result }: StepState): boolean {
  return result !== undefined && result.verdict !== 'failed';
}

function tell({ verdict, findings }: StepResult, output: Output): void {
  for (const { mark, words } of findings) output.line(`  ${MARKS[mark]}  ${words}`);
  output.line(VERDICTS[verdict]);
}

function noteOf<T>(output: Output, inWords: (change: T) => string | undefined): (change: T) => void {
  return (change) => {
    const words = inWords(change);
    if (words !== undefined) output.note(words);
  };
}

function shown(host: string): string {
  return host === USUAL.host ? '<this board>' : host;
}

function address(text: string): Address {
  const found = /^(?<host>[^:]*|\[[\da-f:]+\]):(?<port>\d{1,5})$/i.exec(text)?.groups;
  const port = Number(found?.port);
  if (found === undefined || port > 65_535) throw new InvalidArgumentError('It must be host:port, or :port.');
  return { host: found.host === '' ? USUAL.host : found.host.replaceAll(/[[\]]/g, ''), port };
}
