/**
 * Creates a function whose promise resolves at the end of the current turn of the event loop. All calls of one turn resolve
 * together, in their order, after everything that arrived in that turn was read.
 *
 * nats.js sends in one write all messages that one run of microtasks published. Callers that await the end of the turn
 * before they publish share that write, and save a system call per message here and at the receiver.
 */
export function turnEnd(): () => Promise<void> {
  let end: Promise<void> | undefined;
  return () => {
    end ??= new Promise((resolve) => {
      setImmediate(() => {
        end = undefined;
        resolve();
      });
    });
    return end;
  };
}
