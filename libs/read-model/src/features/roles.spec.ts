import { adminGranted, adminRevoked, created, joined, left, transferred } from '@cohort/contracts/testing';
import { groupIn, rolesIn, testModels } from '../testing/models';

const { modelAfter } = testModels();

describe('in the read model', () => {
  it('`ownerTransferred` keeps the old owner as a plain member at the same place', async () => {
    const model = await modelAfter(created('u1'), joined('add', 2, 'u2'), transferred('u1', 'u2'));
    expect(rolesIn(model)).toEqual(['u1 member', 'u2 owner']);
    expect(groupIn(model).owner).toBe('u2');
  });

  it('`ownerTransferred` after the owner left sets the new owner and adds no member', async () => {
    const model = await modelAfter(created('u1'), joined('add', 2, 'u2'), left(1, 'u1'), transferred('u1', 'u2'));
    expect(rolesIn(model)).toEqual(['u2 owner']);
  });

  it('`adminGranted` and `adminRevoked` change roles and keep places', async () => {
    const model = await modelAfter(
      created('u1'),
      joined('add', 3, 'u2', 'u3'),
      adminGranted('u2', 'u3'),
      adminRevoked('u2'),
    );
    expect(rolesIn(model)).toEqual(['u1 owner', 'u2 member', 'u3 admin']);
  });
});
