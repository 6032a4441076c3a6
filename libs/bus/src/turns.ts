/**
 * Makes a function that waits for the end of the event loop's present turn, when all that has arrived by now was looked
 * at; all who call it in one turn go on together, in their order. What they then send leaves in one write: nats.js writes
 * what one run of microtasks left, and by itself each message would cost a system call here, and again where it arrives.
 */
export function turns(): () => Promise<void> {
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
