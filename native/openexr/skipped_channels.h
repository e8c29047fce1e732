#ifndef SKIPPED_CHANNELS_H
#define SKIPPED_CHANNELS_H

/*
 * Goes into OpenEXR's DWA decoder (scripts/build-openexr), where its types are known. OpenEXR decodes all channels of a
 * chunk; a picture shows three of them, often of thirty. Channels without a place to decode to (decode_to_ptr) are passed
 * over, and behind the last wanted one the decoder stops.
 */

/* Channels that are coded as blocks, in the order of their coding, up to the last wanted one: how many are left. */
static _Thread_local int channels_left;

static int is_wanted_channel(const ChannelData *channel) { return channel->chan->decode_to_ptr != NULL; }

/* Whether any channel that is coded in this way is wanted. */
static int is_wanted_scheme(const DwaCompressor *coder, CompressorScheme scheme) {
  for (int channel = 0; channel < coder->_numChannels; channel++)
    if (coder->_channelData[channel].compression == scheme && is_wanted_channel(&coder->_channelData[channel])) return 1;
  return 0;
}

/*
 * Sets what is left before the first block: sets of three are coded first, then the others. Answers how many coefficients of
 * the first stream are needed at most.
 */
static uint64_t start_wanted(const DwaCompressor *coder) {
  int coded = 0, last = 0;
  uint64_t most_blocks = 0;
  for (int set = 0; set < coder->_numCscChannelSets; set++)
    for (int index = 0; index < 3; index++) {
      coded++;
      if (is_wanted_channel(&coder->_channelData[coder->_cscChannelSets[set].idx[index]])) last = (coded + 2) / 3 * 3;
    }
  for (int channel = 0; channel < coder->_numChannels; channel++) {
    const ChannelData *of = &coder->_channelData[channel];
    const uint64_t blocks = (((uint64_t)of->chan->width + 7) / 8) * (((uint64_t)of->chan->height + 7) / 8);
    int is_in_set = 0;
    for (int set = 0; set < coder->_numCscChannelSets; set++)
      for (int index = 0; index < 3; index++) is_in_set |= coder->_cscChannelSets[set].idx[index] == channel;
    if (of->compression != LOSSY_DCT) continue;
    if (blocks > most_blocks) most_blocks = blocks;
    if (is_in_set) continue;
    coded++;
    if (is_wanted_channel(of)) last = coded;
  }
  channels_left = last;
  return (uint64_t)last * most_blocks * 63;
}

/* Whether any of the channels that are decoded together is wanted; each is asked about once, in the order of their coding. */
static int is_wanted(const LossyDctDecoder *decoder) {
  channels_left -= decoder->_channel_decode_data_count;
  for (int channel = 0; channel < decoder->_channel_decode_data_count; channel++)
    /* The coder's data is the first member of the channel's. */
    if (is_wanted_channel((const ChannelData *)decoder->_channel_decode_data[channel])) return 1;
  return 0;
}

/* Counts what decoding would take from the two streams, as long as something behind it is wanted. */
static exr_result_t skip_channels(LossyDctDecoder *decoder) {
  if (channels_left <= 0) return EXR_ERR_SUCCESS;
  const uint64_t across = ((uint64_t)decoder->_width + 7) / 8, down = ((uint64_t)decoder->_height + 7) / 8;
  const uint64_t blocks = (uint64_t)decoder->_channel_decode_data_count * across * down;
  const uint16_t *const first = (const uint16_t *)decoder->_packedAc, *const end = (const uint16_t *)decoder->_packedAcEnd;
  const uint16_t *next = first;
  if (decoder->_remDcCount < blocks) return EXR_ERR_CORRUPT_CHUNK;
  for (uint64_t block = 0; block < blocks; block++)
    for (int coefficient = 1; coefficient < 64;) {
      if (next >= end) return EXR_ERR_CORRUPT_CHUNK;
      const uint16_t value = one_to_native16(*next++);
      const int zeros = value & 0xff;
      coefficient += (value & 0xff00) != 0xff00 ? 1 : (zeros == 0 ? 64 : zeros);
    }
  decoder->_packedAcCount += (uint64_t)(next - first);
  decoder->_packedDcCount += blocks;
  return EXR_ERR_SUCCESS;
}

#endif
