const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Does this before a signal ends the process, which it then does. @returns takes it back */
export function beforeSignals(act: () => void): () => void {
  const ended = (signal: NodeJS.Signals) => {
    release();
    act();
    process.kill(process.pid, signal);
  };
  const release = () => {
    for (const signal of SIGNALS) process.off(signal, ended);
  };
  for (const signal of SIGNALS) process.on(signal, ended);
  return release;
}
