import { expect, test, vi } from 'vitest';
import { messageOf } from '../../src/testing/store-suite/store-bench.ts';
import { describeWith } from '../services/describe-with.ts';
import { postgresBench, type Sent } from './bench.ts';

/** The pause that follows every wake-up. */
const PAUSE_MS = 1_000;

const isNotification = ({ text }: Sent) => text.includes('pg_notify');

describeWith('postgres', 'waking who waits for messages', () => {
  test('trap 6: NOTIFY goes out once the commit is answered, in no transaction of a publisher', async () => {
    await using postgres = await postgresBench();
    const { bench, sent } = postgres;
    await bench.join('billing');
    await vi.waitFor(() => expect(sent.findLast(isNotification)?.answer).toBe('success'));
    await bench.runtime.advance(PAUSE_MS);
    const before = sent.length;
    await bench.publish([messageOf('one'), messageOf('two')]);
    const ofPublish = () => sent.slice(before);
    await vi.waitFor(() => expect(ofPublish().some(isNotification)).toBe(true));
    const steps = ofPublish().filter((each) => (each.text === 'commit' && each.answer === 'success') || (isNotification(each) && each.answer === 'none yet'));
    expect(steps.map(({ text }) => (text === 'commit' ? 'committed' : 'notified'))).toEqual(['committed', 'notified']);
  });

  test('who is woken in the same process finds what was published', async () => {
    await using postgres = await postgresBench({ notify: false });
    const { bench, sent } = postgres;
    await bench.join('billing');
    await bench.runtime.advance(PAUSE_MS);
    let committedWhenWoken: boolean | undefined;
    const before = sent.length;
    bench.queue.watch(() => {
      committedWhenWoken ??= sent.slice(before).some(({ text, answer }) => text === 'commit' && answer === 'success');
    });
    await bench.publish([messageOf('one')]);
    expect(committedWhenWoken).toBe(true);
  });

  test('trap 8: without NOTIFY nothing listens and nothing notifies', async () => {
    await using postgres = await postgresBench({ notify: false });
    const { bench, sent } = postgres;
    await bench.join('billing');
    bench.queue.watch(() => {});
    await bench.publish([messageOf('one')]);
    await bench.store.close();
    expect(sent.filter(({ text }) => /listen|notify/i.test(text))).toEqual([]);
  });
});
