import { AppliedPosition } from './applied-position';

const behind = expect.objectContaining({ code: 'READ_MODEL_BEHIND' }) as Error;

describe('a query with `after`', () => {
  it('continues immediately if the node has the position', async () => {
    const applied = new AppliedPosition('90');
    await applied.waitFor('90', 0);
    await applied.waitFor('9', 0);
    expect(applied.waiting).toBe(0);
  });

  it('continues at the commit that reaches the position, and not before', async () => {
    const applied = new AppliedPosition('0');
    const order: string[] = [];
    // Asked out of order, and compared as numbers: "9" is before "10".
    const waits = ['10', '9', '200', '10'].map((position) =>
      applied.waitFor(position, 60_000).then(() => order.push(position)),
    );
    applied.advance('9');
    await waits[1];
    expect(order).toEqual(['9']);
    applied.advance('150');
    await Promise.all([waits[0], waits[3]]);
    expect(order).toEqual(['9', '10', '10']);
    expect(applied.waiting).toBe(1);
    applied.advance('200');
    await waits[2];
    expect(applied.waiting).toBe(0);
  });

  it('is READ_MODEL_BEHIND after its time, and waits no more', async () => {
    const applied = new AppliedPosition('5');
    const other = applied.waitFor('7', 60_000);
    await expect(applied.waitFor('6', 5)).rejects.toEqual(behind);
    await expect(applied.waitFor('6', 0)).rejects.toMatchObject({ details: { position: '5', after: '6' } });
    expect(applied.waiting).toBe(1);
    applied.advance('7');
    await other;
  });

  it('never waits again for a position that was reached', () => {
    const applied = new AppliedPosition('10');
    applied.advance('9');
    expect(applied.current).toBe('10');
  });
});
