/** Loaded first, it makes of a process one of the next version of Semel: with one more step, which still admits this version. */
import { alterMigrations } from './altered.ts';

const TABLES = ['messages', 'queue', 'leases', 'inbox', 'dead_letters'];
const SQL = [...TABLES.map((table) => `alter table {s}.${table} add column next text`), 'create index next_index on {s}.queue (next)', 'create table {s}.next (id bigint)'];

alterMigrations(`MIGRATIONS.push(${JSON.stringify({ version: 1000, name: 'next', oldest: '0.1.0', sql: `${SQL.join(';\n')};\n` })});`);
