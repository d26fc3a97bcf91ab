import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readReport } from '../../device/provision/acceptance/report.ts';
import { aMoment, type ProvisioningBoard } from './provisioning-board.ts';
import type { AccessFault, Technician } from './browser.ts';

/** What a walk through the page came to. */
export interface Walk {
  readonly faults: AccessFault[];
  readonly misfits: string[];
}

/** Called at every place that is looked at closely. */
export type Look = (where: string) => Promise<void>;

/** Notes what axe finds, and what does not fit the screen. */
export function lookingAt(technician: Technician, walk: Walk, more: Look = () => Promise.resolve()): Look {
  return async (where) => {
    walk.faults.push(...(await technician.faults(where)));
    walk.misfits.push(...(await technician.misfits()).map((misfit) => `${where}: ${misfit}`));
    await more(where);
  };
}

export async function signIn(technician: Technician, board: ProvisioningBoard, name: string): Promise<void> {
  await technician.sees('Welcome to this door');
  await technician.write('Your name', name);
  await technician.write('Code', board.code);
  await technician.press('Sign in');
  await technician.sees('Set up this door');
}

/** Every step, from the first visit to the signed report. */
export async function provision(technician: Technician, board: ProvisioningBoard, look: Look): Promise<void> {
  await technician.sees('Welcome to this door');
  await look('sign-in');
  await signIn(technician, board, 'Tess Technician');
  await look('first step');

  await technician.press('Begin');
  await technician.press('Go on');

  await technician.press('Begin');
  await technician.press('It is right');
  await technician.press('Go on');

  await technician.press('Begin');
  await technician.press('Go on');

  await technician.press('Begin');
  await technician.sees('Touch the sensor with several clean fingers');
  await board.touch('Amara');
  await technician.page.getByAltText('The last touch').waitFor();
  await look('sensor');
  await technician.press('The picture is good');
  await technician.press('Go on');

  await technician.press('Begin');
  await technician.press('Leave it out');
  await technician.press('Go on');

  await technician.press('Begin');
  await technician.press('All of them');
  await technician.press('Release the lock');
  await board.released();
  await technician.press('Released and locked');
  await tryInputs(technician, board, look);
  await technician.press('Go on');

  await technician.press('Begin');
  await look('rules');
  await technician.press('Put these in force');
  await technician.press('Go on');

  await technician.press('Begin');
  await technician.write('Name', 'Amara');
  await technician.press('Continue');
  await technician.press('I agree');
  await enrolTouches(technician, board, 'Amara', look);
  await technician.press('Go on');

  await technician.press('Begin');
  await technician.press('Go on');

  await technician.press('Begin');
  await technician.sees('Touch the sensor as people will do at the door');
  for (let touches = 0; touches < 4 && !(await granted(technician)); touches++) await board.touch('Amara');
  await technician.press('Go on');

  await technician.press('Sign the report');
  await technician.sees('This door was accepted');
  await look('report');
}

async function tryInputs(technician: Technician, board: ProvisioningBoard, look: Look): Promise<void> {
  await technician.sees('The door is unlocked now. Open it.');
  await look('door');
  board.wire('contact', true);
  await technician.sees(/^Close the door/);
  board.wire('contact', false);
  await technician.sees(/^Press the exit button/);
  board.wire('exit', false);
  await aMoment();
  board.wire('exit', true);
  await technician.sees(/^Open the case/);
  board.wire('tamper', true);
  await technician.sees(/^Close the case/);
  board.wire('tamper', false);
  await technician.sees(/^Let the fire panel/);
  board.wire('fire', false);
  await technician.sees(/^End the fire panel/);
  board.wire('fire', true);
}

async function enrolTouches(technician: Technician, board: ProvisioningBoard, name: string, look: Look): Promise<void> {
  await technician.sees(/touch the sensor with the right index/);
  for (let touches = 1; touches <= 8; touches++) {
    await board.touch(name);
    if (touches === 2) await look('touches');
    if (await technician.page.getByRole('button', { name: 'Stop', exact: true }).isHidden()) return;
  }
  throw new Error(`${name} was not enrolled by eight touches`);
}

async function granted(technician: Technician): Promise<boolean> {
  return technician.page.getByText(/was let in/).isVisible();
}

/** Somebody else's browser on a board that is provisioned: every view, and what was found at every step. */
export async function lookAround(technician: Technician, board: ProvisioningBoard, look: Look): Promise<void> {
  // The page asks for a code by being opened.
  await technician.sees('Welcome to this door');
  await look('sign-in');
  await signIn(technician, board, 'Rao');
  await look('set up');
  for (const title of ['Sensor', 'Door wiring', 'Self-test']) {
    await technician.page.getByRole('button', { name: title }).first().tap();
    await technician.page.getByRole('heading', { name: title, exact: true }).waitFor();
    await look(title.toLowerCase());
  }
}

/** Staff at the enrolment page: a finger that is somebody's already is told at once. */
export async function refuseKnownFinger(technician: Technician, board: ProvisioningBoard, look: Look): Promise<void> {
  await beginEnrolment(technician, board, look);
  await technician.press('Stop');
  await technician.sees('Nobody was enrolled');
}

/** The same, and then the right finger. */
export async function enrolStaff(technician: Technician, board: ProvisioningBoard, look: Look): Promise<void> {
  await beginEnrolment(technician, board, look);
  await enrolTouches(technician, board, 'Bao', look);
  await technician.sees(/Bao is enrolled: 4 touches/);
  await look('enrolled');
}

async function beginEnrolment(technician: Technician, board: ProvisioningBoard, look: Look): Promise<void> {
  await technician.press('Enrol people');
  await look('enrolment');
  await technician.press('Enrol a person');
  await technician.write('Name', 'Bao');
  await look('who');
  await technician.press('Continue');
  await technician.sees(/Do you agree/);
  await look('consent');
  await technician.press('I agree');
  await technician.sees(/Bao: touch the sensor with the right index/);
  await board.touch('Amara');
  await technician.sees(/this finger is enrolled as right-index of Amara/);
  await look('duplicate');
}

/** The report as it lies on the board, its signature checked. */
export function checkReport(board: ProvisioningBoard): { steps: number; failed: number; operator: string } {
  const { steps, operator } = readReport(readFileSync(join(board.state, 'acceptance/report.json'), 'utf8'));
  return { steps: steps.length, failed: steps.filter(({ verdict }) => verdict === 'failed').length, operator };
}
