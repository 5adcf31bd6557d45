import { expect, test } from 'vitest';
import { Opened } from './opened.ts';

function counting(): { readonly opened: Opened<number>; readonly closed: number[] } {
  const closed: number[] = [];
  let count = 0;
  return {
    closed,
    opened: new Opened(
      async () => {
        count += 1;
        if (count === 2) throw new Error('no luck');
        return count;
      },
      async (value) => void closed.push(value),
    ),
  };
}

test('opens once for all who come at the same time', async () => {
  const { opened } = counting();
  expect(await Promise.all([opened.get(), opened.get()])).toEqual([1, 1]);
});

test('opens anew after it broke; a failure to open is not kept', async () => {
  const { opened } = counting();
  opened.broke(await opened.get());
  await Promise.resolve();
  await expect(opened.get()).rejects.toThrow('no luck');
  expect(await opened.get()).toBe(3);
});

test('what broke before leaves its successor alone', async () => {
  const { opened } = counting();
  const first = await opened.get();
  await opened.close();
  await opened.get().catch(() => {});
  const third = await opened.get();
  opened.broke(first);
  await Promise.resolve();
  expect(await opened.get()).toBe(third);
});

test('closes what is open, once', async () => {
  const { opened, closed } = counting();
  await opened.close();
  await opened.get();
  await opened.close();
  await opened.close();
  expect(closed).toEqual([1]);
});
