import { expect, test } from 'vitest';
import { authzenRoutes } from '../../../../../dock/policy/http/authzen.ts';
import { openEdge } from '../../../../../dock/policy/http/edge.ts';

const ITEMS = 500;

// Goal: a long batch does not hold up everybody else. Method: another question, asked while the tenth item is heard; how far
// the batch was when that was answered.
test('others are answered while a batch is heard', async () => {
  const app = openEdge({ report: () => undefined });
  let heard = 0;
  let heardWhenAnswered = 0;
  let other: Promise<unknown> = Promise.resolve();
  authzenRoutes(app, {
    url: () => 'https://pdp.example',
    authenticate: () => ({ name: 'records', may: new Set() }),
    judge: async () => {
      heard += 1;
      if (heard === 10) {
        other = app.inject('/.well-known/authzen-configuration').then(() => (heardWhenAnswered = heard));
      }
      return { decision: true, answer: async () => ({ decision: true, context: {} }) };
    },
    write: () => undefined,
  });
  const item = {
    subject: { type: 'user', id: 'a' },
    action: { name: 'b' },
    resource: { type: 'record', id: 'c' },
  };
  const payload = { ...item, evaluations: Array.from({ length: ITEMS }, () => ({})) };
  const response = await app.inject({ method: 'POST', url: '/access/v1/evaluations', payload });
  await other;
  expect(response.statusCode).toBe(200);
  expect(heard).toBe(ITEMS);
  expect(heardWhenAnswered).toBeGreaterThanOrEqual(10);
  expect(heardWhenAnswered).toBeLessThan(ITEMS / 2);
});
