import { carryDoor } from '../support/carried-door.ts';
import { killRotations } from '../support/killed-rotations.ts';
import type { Claim, ProofOptions } from './claim.ts';
import { proven } from './proven.ts';
import { proveSuites } from './suites.ts';
import { proveTechnicianPage } from './technician-page.ts';

const TOUCHES = 20;
const KILLS = 100;

/** What a board keeps, its way to another board, and from the box to the door by its page. */
export async function prove({ quick, onStage }: ProofOptions): Promise<Claim[]> {
  onStage('a door is carried to a new board');
  const carried = await proven(
    'backup, wiped, restored on a new board: people pass; nothing shows a name or a template',
    'as many touches granted as before; 0 files',
    async (cleanup) => {
      const door = await carryDoor(cleanup, TOUCHES);
      return {
        figure: `${door.people} people, ${door.grantedAfter} of ${door.touches} granted (${door.grantedBefore} before), ${door.showing.length} of ${door.searched} files; old key opens the new board: ${door.oldKeyOpensNew ? 'yes' : 'no'}`,
        holds:
          door.grantedAfter > 0 &&
          door.grantedAfter === door.grantedBefore &&
          door.showing.length === 0 &&
          !door.oldKeyOpensNew,
      };
    },
  );
  const kills = quick ? KILLS / 10 : KILLS;
  const rotated = await proven(
    'the master key’s rotation killed at random instants',
    'nobody lost',
    async (cleanup) => {
      const { rotations, finishedAtOpening, lost } = await killRotations(cleanup, kills, (round) => {
        if (round % 10 === 0) onStage(`a rotation is killed, ${round} of ${kills}`);
      });
      const figure = `${lost} of ${kills} kills lost anything; ${rotations} finished, ${finishedAtOpening} at the next opening`;
      return { figure, holds: lost === 0 && rotations > 0 };
    },
  );
  const suites = await proveSuites(quick, onStage, [
    {
      claim: 'a backup is refused where it is not whole, ours or open to us',
      folder: 'unit',
      files: ['backup'],
      slow: false,
    },
    {
      claim: 'keys in a TPM, by systemd and in files',
      folder: 'unit',
      files: ['secret-file', 'gallery-rotation'],
      slow: false,
    },
  ]);
  return [carried, rotated, ...suites, ...(await proveTechnicianPage({ quick, onStage }))];
}
