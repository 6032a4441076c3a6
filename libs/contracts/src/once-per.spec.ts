import { oncePer } from './once-per';

describe('oncePer', () => {
  it('the first call passes and stands for itself', () => {
    expect(oncePer(1_000, () => 0)()).toBe(1);
  });

  it('the calls within the time are held, and the next call that passes stands for them', () => {
    let now = 0;
    const passes = oncePer(1_000, () => now);
    passes();
    now = 400;
    expect(passes()).toBe(0);
    now = 999;
    expect(passes()).toBe(0);
    now = 1_000;
    expect(passes()).toBe(3);
    now = 5_000;
    expect(passes()).toBe(1);
  });
});
