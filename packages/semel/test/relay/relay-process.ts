/** A relay in a process of its own: `relay-process.ts <url> <mode> <port> <name> <notify>`. Tells its parent when it has started, and the codes of its troubles. */
import { isSemelError } from 'semel';
import { type Mode, relayService } from './relay-service.ts';

const [url, mode, port, name, notify] = process.argv.slice(2) as [string, Mode, string, string, string];
process.on('disconnect', () => process.exit(0));
const semel = relayService(url, mode, Number(port), name, { notify: notify === 'true' });
semel.observe(({ type, error }) => {
  if (type === 'trouble') process.send?.(isSemelError(error) ? error.code : String(error));
});
await semel.start();
process.send?.('started');
