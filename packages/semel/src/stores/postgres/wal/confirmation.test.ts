import { expect, test } from 'vitest';
import { Confirmation } from './confirmation.ts';

function begun(confirmation: Confirmation, lsn: bigint): () => void {
  return confirmation.begin(lsn, 1).hold();
}

test('begins with what was confirmed before', () => {
  expect(new Confirmation(7n).lsn).toBe(7n);
});

test('a commit is confirmed once all that holds it has let go, and then only with all before it', () => {
  const confirmation = new Confirmation(0n);
  const first = confirmation.begin(10n, 1);
  const holds = [first.hold(), first.hold()];
  const second = begun(confirmation, 20n);
  const third = begun(confirmation, 30n);
  second();
  holds[0]?.();
  expect(confirmation.lsn).toBe(0n);
  holds[1]?.();
  expect(confirmation.lsn).toBe(20n);
  third();
  expect(confirmation.lsn).toBe(30n);
});

test('letting go twice is letting go once', () => {
  const confirmation = new Confirmation(0n);
  const commit = confirmation.begin(10n, 1);
  const [one] = [commit.hold(), commit.hold()];
  one?.();
  one?.();
  expect(confirmation.lsn).toBe(0n);
});

test('what the server has passed is confirmed only while nothing is open, and never backwards', () => {
  const confirmation = new Confirmation(5n);
  const end = begun(confirmation, 10n);
  confirmation.passed(100n);
  expect(confirmation.lsn).toBe(5n);
  end();
  expect(confirmation.lsn).toBe(10n);
  confirmation.passed(100n);
  expect(confirmation.lsn).toBe(99n); // what begins at 100 has not come yet
  confirmation.passed(50n);
  expect(confirmation.lsn).toBe(99n);
});
