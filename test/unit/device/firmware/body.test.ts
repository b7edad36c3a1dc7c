import { describe, expect, it } from 'vitest';
import { openChip } from '../../../../device/flash/chip.ts';
import { bodyRig, settle } from './body-rig.ts';

describe('a camera that is worn', () => {
  // Goal: from the button to the signed manifest, with what began it, marks, mute and category. Method: a shift in words.
  it('records what it is told, and says so in its manifest', async () => {
    const { body, tell, pass, manifests } = await bodyRig();
    await body.start();
    expect(await tell('press')).toMatch(/^ignored: one press/);
    expect(await tell('double-press')).toBe('done');
    await pass(2);
    expect(await tell('mark weapon')).toBe('done');
    expect(await tell('mute')).toBe('done');
    await pass(2);
    expect(await tell('unmute')).toBe('done');
    expect(await tell('category traffic-stop')).toBe('done');
    expect(await tell('assign 9')).toMatch(/^refused: a recording stays with whom it began with/);
    expect(await tell('hold')).toBe('done');
    const [manifest] = await manifests();
    expect(manifest).toMatchObject({ officerId: '4411', cause: 'button', stopReason: 'button' });
    expect(manifest?.marks.map(({ kind }) => kind)).toEqual(['weapon']);
    expect(manifest?.categories).toEqual(['traffic-stop']);
    expect(manifest?.mutes).toMatchObject([{ from: { monoUs: 2_000_000 }, to: { monoUs: 4_000_000 } }]);
  });

  // Goal: what was begun by another camera says so in what is signed, and by which. Method: a peer, and one that is heard after a stop.
  it('says which camera called', async () => {
    const { body, tell, pass, manifests, news } = await bodyRig({ setting: { postEventMs: 3000 } });
    await body.start();
    expect(await tell('peer cam-9')).toBe('done');
    expect(news).toContainEqual(expect.objectContaining({ news: 'recording', cause: 'peer', peer: 'cam-9' }));
    await pass(2);
    expect(await tell('peer cam-7')).toMatch(/^ignored/);
    await tell('stop');
    await pass(1);
    expect(await tell('peer cam-8')).toBe('done');
    await pass(1);
    await tell('dock');
    const [manifest, ...more] = await manifests();
    expect(more).toEqual([]);
    expect(manifest).toMatchObject({ cause: 'peer', stopReason: 'docked' });
    expect(manifest?.marks.map(({ kind }) => kind)).toEqual(['peer:cam-9', 'peer:cam-8']);
  });

  // Goal: attribution belongs to the moment of recording. Method: one camera through three hands and a bay.
  it('records for whoever has it', async () => {
    const { body, tell, pass, manifests } = await bodyRig();
    await body.start();
    const hands = [['status'], ['dock'], ['dock', 'undock 4412'], ['unassign'], ['assign 4413']];
    for (const lines of [...hands, ['dock', 'undock']]) {
      for (const line of lines) await tell(line);
      await tell('record');
      await pass(2);
      // The last but one is ended by its bay.
      if (!lines.includes('assign 4413')) await tell('stop');
    }
    const officers = (await manifests()).map(({ officerId }) => officerId);
    expect(officers).toEqual(['4411', '4411', '4412', '', '4413', '4411']);
    expect((await manifests())[4]?.stopReason).toBe('docked');
  });

  // Goal: after the longest time of a file the next follows, and the mute with it. Method: five-second files.
  it('goes on in a new file', async () => {
    const { body, tell, pass, manifests } = await bodyRig({ setting: { recordingMsMax: 5000 } });
    await body.start();
    await tell('taser');
    await tell('mute');
    await pass(12);
    await tell('stop');
    const [first, second, third, ...more] = await manifests();
    expect(more).toEqual([]);
    expect([first, second, third].map((one) => one?.stopReason)).toEqual(['limit', 'limit', 'button']);
    expect([first, second, third].map((one) => one?.cause)).toEqual(['taser', 'limit', 'limit']);
    expect(second?.started.monoUs).toBe(first?.ended.monoUs);
    expect(second?.mutes?.[0]?.from.monoUs).toBe(second?.started.monoUs);
  });

  // Goal: after its stop a recording goes on, and a trigger takes it up again. Method: three seconds of it, twice.
  it('lets a recording go on after its stop', async () => {
    const { body, tell, pass, manifests } = await bodyRig({ setting: { postEventMs: 3000 } });
    await body.start();
    await tell('record');
    await pass(2);
    await tell('stop');
    await pass(2);
    expect(await manifests()).toEqual([]);
    await tell('fall');
    await pass(4);
    expect(body.state.mode.at).toBe('recording');
    await tell('stop');
    await pass(3);
    const [manifest, ...more] = await manifests();
    expect(more).toEqual([]);
    expect(manifest).toMatchObject({ ended: { monoUs: 11_000_000 }, critical: true });
  });
});

describe('a camera that runs out', () => {
  // Goal: with the last of its power it ends the recording, then itself. Method: 4 percent during one.
  it('of battery closes what it records, and switches off', async () => {
    const { body, tell, pass, manifests } = await bodyRig();
    await body.start();
    await tell('record');
    await pass(3);
    await tell('battery 4%');
    await body.ended;
    expect(body.state.mode.at).toBe('off');
    expect(await manifests()).toMatchObject([{ stopReason: 'battery' }]);
    expect(await tell('record')).toBe('refused: the camera is off');
  });

  // Goal: without any power nothing is closed, and the next start recovers what there was. Method: empty in mid-fragment.
  it('of all power recovers at the next start', async () => {
    const rig = await bodyRig();
    await rig.body.start();
    await rig.tell('record');
    await rig.pass(4);
    rig.battery.set(0);
    await rig.body.ended;
    const again = await bodyRig({ disk: rig.disk, keys: rig.keys });
    await again.body.start();
    expect(again.body.state.mode.at).toBe('ready');
    expect(await again.manifests()).toMatchObject([{ stopReason: 'power-loss', officerId: '4411' }]);
  });

  // Goal: a full memory ends a recording and begins none; the camera goes on. Method: a small one.
  it('of memory ends the recording in order and overwrites nothing', async () => {
    const { body, tell, pass, manifests } = await bodyRig({ capacityBytes: 8_000 });
    await body.start();
    await tell('record');
    await pass(60);
    expect(body.state).toMatchObject({ mode: { at: 'ready' }, memory: 'full' });
    expect(await manifests()).toMatchObject([{ stopReason: 'storage-full' }]);
    expect(await tell('record')).toMatch(/^refused: the memory is full/);
    expect(await manifests()).toHaveLength(1);
  });

  // Goal: a card that can only be read does not keep the camera from starting: what was interrupted stays and is said, what is
  // closed is offered, and nothing is recorded. Method: a recording closed, one cut short, and a chip that wore out after it.
  it('of a memory that can be written starts, keeps what it has and says so', async () => {
    const rig = await bodyRig();
    await rig.body.start();
    await rig.tell('record');
    await rig.pass(3);
    await rig.tell('stop');
    await rig.tell('record');
    await rig.pass(3);
    rig.battery.set(0);
    await rig.body.ended;
    const wear = await openChip(rig.disk.mount(), '/camera', { clock: rig.clock, badBlocks: [0], spares: 0 });
    const spoilt = await wear.open('/camera/reserve', 'write');
    await expect(spoilt.write([new Uint8Array(1)], 0)).rejects.toThrow(/EIO/);
    const again = await bodyRig({ disk: rig.disk, keys: rig.keys, chip: {} });
    await again.body.start();
    await settle();
    expect(again.body.state).toMatchObject({ mode: { at: 'ready' }, memory: 'read-only' });
    expect(again.news.filter(({ news }) => news === 'trouble')).toMatchObject([{ why: /1 interrupted/ }]);
    expect(await again.tell('record')).toMatch(/^refused: the memory is worn out/);
    expect(await again.tell('holster')).toMatch(/^refused: the memory is worn out/);
    expect(await again.tell('status')).toBe('done');
    expect(await again.manifests()).toMatchObject([{ stopReason: 'button' }]);
    expect(await again.flash.interrupted()).toHaveLength(1);
    expect(await again.tell('dock')).toBe('done');
    expect(await again.tell('undock')).toBe('done');
    expect(again.body.state.memory).toBe('read-only');
    await again.tell('quit');
    await again.body.ended;
  });

  // Goal: a card that wears out in the middle of it takes no camera down: it says what to do, keeps and offers what is closed, and can be switched off in
  // order. Method: a chip without a spare whose first, fifth, … block fails: as it starts, while it records, as it begins again.
  it.each([0, 4, 5, 6, 7, 8])('of a memory whose block %i fails goes on and says so', async (block) => {
    const rig = await bodyRig({ chip: { badBlocks: [block], spares: 0 } });
    await rig.body.start();
    for (const line of ['record', 'stop', 'record']) {
      await rig.tell(line);
      await rig.pass(line === 'stop' ? 1 : 20);
    }
    expect(rig.body.state).toMatchObject({ mode: { at: 'ready', officer: '4411' }, memory: 'read-only' });
    const troubles = rig.news.flatMap((one) => (one.news === 'trouble' ? [one.why] : []));
    expect(troubles).toHaveLength(1);
    expect(troubles[0]).toMatch(/give it another memory/);
    expect((await rig.desk.look()).face.text).toMatch(/^ready \| .* \| memory worn out: replace it$/);
    expect(await rig.tell('record')).toMatch(/^refused: the memory is worn out/);
    for (const line of ['dock', 'undock 4412', 'sleep', 'wake', 'dock'])
      expect(await rig.tell(line), line).toBe('done');
    // What was closed before it failed is there still.
    const films = rig.news.filter(({ news }) => news === 'closed');
    expect(await rig.manifests()).toHaveLength(films.length);
    expect(films).toHaveLength(block === 8 ? 1 : 0);
    await rig.tell('quit');
    await rig.body.ended;
  });

  // Goal: the engineer's full memory is a full memory, also for what is under way. Method: full during a recording, then room.
  it('of memory by command has room again by command', async () => {
    const { body, flash, tell, pass, manifests } = await bodyRig();
    await body.start();
    await tell('record');
    await pass(3);
    expect(await tell('flash full')).toBe('done');
    expect(await flash.freeBytes()).toBe(0);
    expect(body.state).toMatchObject({ mode: { at: 'ready' }, memory: 'full' });
    expect(await tell('record')).toMatch(/^refused: the memory is full/);
    expect(await tell('flash room')).toBe('done');
    expect(body.state.memory).toBe('free');
    expect(await tell('record')).toBe('done');
    await pass(3);
    await tell('stop');
    expect(await manifests()).toMatchObject([{ stopReason: 'storage-full' }, { stopReason: 'button' }]);
  });

  it('of room begins nothing that could be cut short, when it is set so', async () => {
    const world = { scarceBytes: Number.MAX_SAFE_INTEGER, setting: { whenFull: 'refuse' } } as const;
    const { body, tell } = await bodyRig(world);
    await body.start();
    await settle();
    expect(await tell('record')).toMatch(/^refused: the memory is full/);
  });
});

// Goal: in stealth there is no light, no word and no signal, and recording is as ever. Method: a recording; the face.
it('shows nothing in stealth', async () => {
  const { body, desk, tell, pass, news, manifests } = await bodyRig();
  await body.start();
  expect((await desk.look()).face).toMatchObject({ light: 'green', text: /ready \| 4411 \| battery 80 %/ });
  await tell('stealth on');
  news.length = 0;
  await tell('record');
  await pass(2);
  expect((await desk.look()).face).toEqual({ light: 'dark', text: '' });
  await tell('stop');
  expect(news.filter((one) => one.news === 'signal')).toEqual([]);
  expect(await manifests()).toHaveLength(1);
  await tell('stealth off');
  expect((await desk.look()).face.light).toBe('green');
});
