import { main } from '../../../dock/main.ts';
import { openHoldingIndex } from '../../../dock/store/holding-index.ts';
import { sinkDisk } from './sink-disk.ts';

// `holdfast dock …` with its footage, and the index of it, on no disk. Started as the launcher of the product is, with the word before.
const [, ...argv] = process.argv.slice(2);
process.exitCode = await main(argv, { disk: sinkDisk(), index: openHoldingIndex(':memory:') });
