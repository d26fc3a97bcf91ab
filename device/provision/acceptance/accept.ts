import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import packageJson from '../../../package.json' with { type: 'json' };
import { makeDirectory, replaceFile } from '../../durable-file.ts';
import type { Provisioning } from '../provisioning.ts';
import type { Workbench } from '../workbench.ts';
import { openReportKey } from './report-key.ts';
import { drawReport } from './report-page.ts';
import { type AcceptanceReport, readReport, signReport } from './report.ts';

/** In the state directory: the last report, to check and to read. */
const DIRECTORY = 'acceptance';
const JSON_FILE = 'report.json';
const PAGE_FILE = 'report.html';

/** The last report of a board, with its places. */
export interface KeptReport {
  readonly report: AcceptanceReport;
  readonly json: string;
  readonly page: string;
}

/**
 * Signs what was found, keeps it, and reports that the door was accepted.
 *
 * @throws ProvisionError `provision.not-ready`; IdentityError, SecretsError
 */
export async function accept(provisioning: Provisioning, bench: Workbench): Promise<KeptReport> {
  const { config, clock, operator, commit } = bench;
  const { device, state } = config;
  const { states: steps } = provisioning;
  const report = await signReport(
    { device, software: packageJson.version, host: hostname(), operator, now: clock.now(), steps },
    openReportKey(state, config.keys),
  );
  const directory = join(state, DIRECTORY);
  makeDirectory(directory);
  const kept = placesOf(state);
  replaceFile(kept.page, drawReport(report));
  replaceFile(kept.json, `${JSON.stringify(report, undefined, 2)}\n`);
  const passed = report.steps.filter(({ verdict }) => verdict === 'passed').length;
  commit({ type: 'whorl.terminal.accepted', data: { operator, passed, report: report.id } });
  return { report, ...kept };
}

/** The last report; undefined where the door was not accepted yet. @throws ProvisionError */
export function lastReport(state: string): KeptReport | undefined {
  const places = placesOf(state);
  let text: string;
  try {
    text = readFileSync(places.json, 'utf8');
  } catch {
    return undefined;
  }
  return { report: readReport(text), ...places };
}

function placesOf(state: string): { json: string; page: string } {
  return { json: join(state, DIRECTORY, JSON_FILE), page: join(state, DIRECTORY, PAGE_FILE) };
}
