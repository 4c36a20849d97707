// A packet, from its highest bit down: creation cycle, source core, sequence number, kind, target y, target x.
// Age, source and sequence stand side by side, so that the rank of a packet is one unsigned number.
`define CREATED_BITS 32
`define NODE_BITS 4
`define SEQUENCE_BITS 16
`define KIND_BITS 1
`define PLACE_BITS 2
`define TARGET_BITS (2 * `PLACE_BITS)
`define ID_BITS (`NODE_BITS + `SEQUENCE_BITS)
`define RANK_BITS (`CREATED_BITS + `ID_BITS)
`define PACKET_BITS (`RANK_BITS + `KIND_BITS + `TARGET_BITS)

// Fields of a packet, as part selects.
`define RANK_LOW (`KIND_BITS + `TARGET_BITS)
`define RANK `RANK_LOW +: `RANK_BITS
`define ID `RANK_LOW +: `ID_BITS
`define SEQUENCE `RANK_LOW +: `SEQUENCE_BITS
`define SOURCE (`RANK_LOW + `SEQUENCE_BITS) +: `NODE_BITS
`define KIND `TARGET_BITS
`define TARGET_Y `PLACE_BITS +: `PLACE_BITS
`define TARGET_X 0 +: `PLACE_BITS

// Ports of a router: the core's own, then those to its neighbours. North is +y, east is +x.
`define PORTS 5
`define LOCAL 0
`define NORTH 1
`define EAST 2
`define SOUTH 3
`define WEST 4
