import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';

describe('parseArguments', () => {
  it('has defaults, and a seed by chance', () => {
    const settings = parseArguments([]);
    expect(settings).toMatchObject({ messages: 300, kills: 15, transport: undefined, json: false, help: false });
    expect(settings.seed).toSatisfy(Number.isSafeInteger);
  });

  it('takes what is given', () => {
    expect(parseArguments(['--messages', '10', '--kills=0', '--seed', '4294967295', '--transport', 'kafka', '--json'])).toEqual({
      messages: 10,
      kills: 0,
      seed: 4_294_967_295,
      transport: 'kafka',
      json: true,
      help: false,
    });
  });

  it.each([
    [['--messages', '9'], '--messages must be a whole number from 10 to 100000; it is "9"'],
    [['--messages', '100001'], '--messages must be a whole number from 10 to 100000; it is "100001"'],
    [['--messages', '1e3'], '--messages must be a whole number from 10 to 100000; it is "1e3"'],
    [['--kills=-1'], '--kills must be a whole number from 0 to 10000; it is "-1"'],
    [['--kills', ''], '--kills must be a whole number from 0 to 10000; it is ""'],
    [['--transport', 'nats'], '--transport must be one of kafka, rabbitmq, sqs; it is "nats"'],
    [['--seed', '1.5'], '--seed must be a whole number from 0 to 4294967295; it is "1.5"'],
  ])('refuses %j', (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(message);
  });

  it('refuses what it does not know', () => {
    expect(() => parseArguments(['--message', '10'])).toThrow("Unknown option '--message'");
    expect(() => parseArguments(['10'])).toThrow("Unexpected argument '10'");
  });
});
