import { test } from 'vitest';
import { expectTheSame } from './compare.ts';
import { SqliteStages } from './sqlite-stage.ts';

const HISTORIES = 250;
const PATIENT = { timeout: 240_000 } as const;

test(`${HISTORIES} random histories of the prover's model have the same answers and the same end on SQLite`, PATIENT, async () => {
  await using stages = new SqliteStages();
  await expectTheSame(HISTORIES, () => stages.next());
});
