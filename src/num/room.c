// SPDX-License-Identifier: Apache-2.0
// Placeholder until the first file of this layer lands.
typedef int sil_num_room;
