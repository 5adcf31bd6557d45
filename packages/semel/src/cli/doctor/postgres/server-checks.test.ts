import { expect, test } from 'vitest';
import type { Connection } from '../../../stores/postgres/connection.ts';
import type { Examination } from './examination.ts';
import { server } from './server-checks.ts';

/** An examination of a server that answers every question with this row. */
function answering(row: object): Examination {
  const connection: Connection = { all: async <Row>() => [row as Row], get: async <Row>() => row as Row };
  return { connection, isPooled: async () => false } as unknown as Examination;
}

test('a server that is too old is told', async () => {
  expect(await server(answering({ version: '14.22', number: 140022, replica: false }))).toMatchObject({ level: 'fail', found: 'Postgres 14.22: Semel needs 15 or later' });
  expect(await server(answering({ version: '15.0', number: 150000, replica: false }))).toEqual({ level: 'ok', found: 'Postgres 15.0' });
});
