import { test } from 'vitest';
import { describeWith, serviceUrl } from '../../services/describe-with.ts';
import { expectTheSame } from './compare.ts';
import { PostgresStages } from './postgres-stage.ts';

const HISTORIES = 60;
const PATIENT = { timeout: 240_000 } as const;

describeWith('postgres', 'the prover’s model and Postgres', () => {
  test(`${HISTORIES} random histories of the model have the same answers and the same end`, PATIENT, async () => {
    await using stages = await PostgresStages.open(serviceUrl('postgres'));
    await expectTheSame(HISTORIES, () => stages.next());
  });
});
