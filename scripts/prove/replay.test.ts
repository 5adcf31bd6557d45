import { expect, test } from 'vitest';
import { brokenBy } from './failure.ts';
import { parseReplay, playAgain, replayText } from './replay.ts';

test.each(['local/random-7', 'position/small-2', 'lease/random-1234/2/m1,m3/2/4:2,17:1', 'outbox/small-1/1/m1/0/'])('%s is read as it is written', (text) => {
  expect(replayText(parseReplay(text))).toBe(text);
});

test.each(['local', 'nowhere/random-7', 'local/random', 'local/often-7'])('%s is refused', (text) => {
  expect(() => parseReplay(text)).toThrow('is no replay');
});

test('the same replay gives the same run', async () => {
  const [first, second] = [await playAgain(parseReplay('lease/random-12')), await playAgain(parseReplay('lease/random-12'))];
  expect(second.history).toEqual(first.history);
  expect(brokenBy(first)).toEqual([]);
});
