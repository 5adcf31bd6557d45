import { expect, test } from 'vitest';
import { isSemelError } from './errors.ts';
import { refuseSavepoints, refuseTransactionControl } from './sql-guard.ts';

function refuses(sql: string): boolean {
  try {
    refuseTransactionControl(sql);
    return false;
  } catch (error) {
    if (isSemelError(error, 'transaction-control')) return true;
    throw error;
  }
}

test.each([
  'BEGIN',
  'begin immediate',
  'commit',
  'end transaction',
  'rollback',
  'ROLLBACK TRANSACTION',
  "attach 'x.db' as x",
  'detach x',
  '-- hello\n commit',
  '/* a ; b */ rollback',
  "insert into t values (';'); commit",
  'create trigger t after insert on a begin select 1; end; commit',
  'create temp trigger t after insert on a begin select case when 1 then 2 end; end; rollback',
  'savepoint semel_work',
  'release "semel_work"',
  'rollback to [SEMEL_work]',
  '; ; commit',
  'start transaction',
  'abort',
  "prepare transaction 'x'",
  'do $$ begin null; end $$; commit',
  'select $a$ ; $a$; rollback',
])('%s is refused', (sql) => {
  expect(refuses(sql)).toBe(true);
});

test.each([
  'do $$ begin commit; end $$',
  'select $q$ it is ; commit $q$',
  'prepare transactions as select 1',
  'savepoint mine',
  'rollback to mine',
  'rollback transaction to savepoint mine',
  'release mine',
  "select 'commit; rollback'",
  'select 1 -- ; commit',
  'select "begin" from t',
  'create trigger t after insert on a begin delete from b; select case when 1 then 2 end; end',
  'create table t (a); insert into t values (1)',
  'insert into semel_notes values (1)',
])('%s is let through', (sql) => {
  expect(refuses(sql)).toBe(false);
});

test.each(['savepoint mine', 'select 1; release mine', 'rollback to mine', 'rollback'])('%s is a savepoint’s, or worse', (sql) => {
  expect(() => refuseSavepoints(sql)).toThrow(expect.objectContaining({ code: 'transaction-control' }));
});

test.each(["select 'savepoint mine'", 'create trigger t after insert on a begin select 1; end', 'select 1 -- ; release mine'])('%s has no savepoint', (sql) => {
  expect(() => refuseSavepoints(sql)).not.toThrow();
});
