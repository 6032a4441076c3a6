import { Signals } from './signals';

describe('a signal', () => {
  it('wakes each waiter for its key once', () => {
    const signals = new Signals();
    const woken: string[] = [];
    signals.once('a', () => woken.push('a1'));
    signals.once('a', () => woken.push('a2'));
    signals.once('b', () => woken.push('b'));
    signals.raise('a');
    signals.raise('a');
    expect(woken).toEqual(['a1', 'a2']);
  });

  it('wakes a waiter again that waits again', () => {
    const signals = new Signals();
    let woken = 0;
    const wait = () => void signals.once('a', () => (woken++, wait()));
    wait();
    signals.raise('a');
    signals.raise('a');
    expect(woken).toBe(2);
  });

  it('does not wake a waiter that was cancelled', () => {
    const signals = new Signals();
    let woken = false;
    signals.once('a', () => (woken = true))();
    signals.raise('a');
    expect(woken).toBe(false);
  });
});
