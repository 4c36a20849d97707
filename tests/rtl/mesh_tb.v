// Drives a mesh with the packets of a file and writes down, cycle by cycle, what every node does.
//
// Plusargs: +in=FILE +out=FILE, and +vcd=FILE for a waveform.
// Packets: the number of runs; for each run and node a count, then that many "creation-cycle sequence target",
// oldest first.
// Output, one line for each node and cycle in which anything is there:
//   run cycle node g ID*5 f [IDS]*5 c CREDITS*5 w WAITING d ID
// grants by output port; what each FIFO still holds after the grants, by input port, head first; credits of
// each output port at the start of the cycle; packets outside a full local FIFO; the packet delivered in this
// cycle. Ports: local, north, east, south, west. An ID is source.sequence, "-" stands for none.
`include "packet.vh"

module mesh_tb;
    parameter WIDTH = 2;
    parameter HEIGHT = 2;
    parameter DEPTH = 4;
    parameter T_R = 1;
    parameter T_L = 1;
    localparam NODES = WIDTH * HEIGHT;
    localparam COUNT_BITS = $clog2(DEPTH + 1);
    localparam MOST = 1 << 16;
    localparam PATIENCE = 100_000;

    reg clock = 0;
    reg reset = 1;
    reg [NODES*COUNT_BITS-1:0] inject_count;
    reg [NODES*DEPTH*`PACKET_BITS-1:0] inject;
    wire [NODES*COUNT_BITS-1:0] inject_room;
    wire [NODES-1:0] eject_valid;
    wire [NODES*`PACKET_BITS-1:0] eject;

    mesh #(
        .WIDTH(WIDTH),
        .HEIGHT(HEIGHT),
        .DEPTH(DEPTH),
        .T_R(T_R),
        .T_L(T_L),
        .COUNT_BITS(COUNT_BITS)
    ) dut (
        .clock(clock),
        .reset(reset),
        .inject_count(inject_count),
        .inject(inject),
        .inject_room(inject_room),
        .eject_valid(eject_valid),
        .eject(eject)
    );

    // The packets of all cores: those of node n are outbox[first[n]] up to outbox[last[n]], the last excluded.
    reg [`PACKET_BITS-1:0] outbox [0:MOST-1];
    integer first [0:NODES-1];
    integer last [0:NODES-1];

    integer file, out, runs, run, node_index, count, index, created, sequence, target, got;
    integer packets, delivered;
    // The cycle that the registers stand at; -1 right after a reset.
    integer now = -1;
    reg [8*256-1:0] name;

    function [`PACKET_BITS-1:0] packet(input integer created, input integer source, input integer sequence,
                                       input integer target);
        reg [`PLACE_BITS-1:0] x, y;
        begin
            x = target % WIDTH;
            y = target / WIDTH;
            packet = {created[`CREATED_BITS-1:0], source[`NODE_BITS-1:0], sequence[`SEQUENCE_BITS-1:0],
                      {`KIND_BITS{1'b0}}, y, x};
        end
    endfunction

    task write_id(input valid, input [`PACKET_BITS-1:0] one);
        if (valid) $fwrite(out, "%0d.%0d", one[`SOURCE], one[`SEQUENCE]);
        else $fwrite(out, "-");
    endtask

    // What one core does, and what is to be seen of its node.
    genvar n, p;
    generate
        for (n = 0; n < NODES; n = n + 1) begin : core
            integer next, created_by_now, lane;
            reg [COUNT_BITS-1:0] offered;
            reg delivery_valid;
            reg [`PACKET_BITS-1:0] delivery;
            wire [`PORTS-1:0] grants = dut.node[n].router.grant_valid;
            wire [`PORTS-1:0] taken = dut.node[n].router.taken;
            wire [`PORTS*`PACKET_BITS-1:0] granted = dut.node[n].router.grant_packet;
            wire [`PORTS*COUNT_BITS-1:0] credits = dut.node[n].router.credits;
            wire [`PORTS-1:0] occupied = dut.node[n].router.occupied;
            wire [COUNT_BITS-1:0] counts [0:`PORTS-1];
            wire [DEPTH*`PACKET_BITS-1:0] slots [0:`PORTS-1];
            for (p = 0; p < `PORTS; p = p + 1) begin : fifo
                assign counts[p] = dut.node[n].router.input_port[p].count;
                assign slots[p] = dut.node[n].router.input_port[p].slots;
            end

            // The core's register has what the router ejects.
            always @(posedge clock) begin
                delivery_valid <= eject_valid[n] && !reset;
                delivery <= eject[n*`PACKET_BITS +: `PACKET_BITS];
                if (eject_valid[n] && !reset) delivered = delivered + 1;
            end

            integer at, slot;
            always @(negedge clock)
                if (reset) begin
                    next = first[n];
                    offered = 0;
                    inject_count[n*COUNT_BITS +: COUNT_BITS] = 0;
                    // Packets of cycle 0 enter at the edge that begins it.
                    if (now == -1) offer_packets;
                end else begin
                    // At the edge before this cycle all that was offered went in.
                    next = next + offered;
                    if (grants != 0 || occupied != 0 || delivery_valid || credits != {`PORTS{DEPTH[COUNT_BITS-1:0]}})
                        write_down;
                    offer_packets;
                end

            task offer_packets;
                begin
                    offered = 0;
                    while (next + offered < last[n] && offered < inject_room[n*COUNT_BITS +: COUNT_BITS]
                           && outbox[next + offered][`PACKET_BITS-1 -: `CREATED_BITS] <= now + 1) begin
                        inject[(n*DEPTH + offered)*`PACKET_BITS +: `PACKET_BITS] = outbox[next + offered];
                        offered = offered + 1;
                    end
                    inject_count[n*COUNT_BITS +: COUNT_BITS] = offered;
                end
            endtask

            task write_down;
                begin
                    $fwrite(out, "%0d %0d %0d g", run, now, n);
                    for (at = 0; at < `PORTS; at = at + 1) begin
                        $fwrite(out, " ");
                        write_id(grants[at], granted[at*`PACKET_BITS +: `PACKET_BITS]);
                    end
                    $fwrite(out, " f");
                    for (at = 0; at < `PORTS; at = at + 1) begin
                        $fwrite(out, " [");
                        for (slot = taken[at]; slot < counts[at]; slot = slot + 1) begin
                            write_id(1'b1, slots[at][slot*`PACKET_BITS +: `PACKET_BITS]);
                            $fwrite(out, ",");
                        end
                        $fwrite(out, "]");
                    end
                    $fwrite(out, " c");
                    for (at = 0; at < `PORTS; at = at + 1)
                        $fwrite(out, " %0d", credits[at*COUNT_BITS +: COUNT_BITS]);
                    created_by_now = next;
                    while (created_by_now < last[n]
                           && outbox[created_by_now][`PACKET_BITS-1 -: `CREATED_BITS] <= now)
                        created_by_now = created_by_now + 1;
                    $fwrite(out, " w %0d d ", created_by_now - next);
                    write_id(delivery_valid, delivery);
                    $fwrite(out, "\n");
                end
            endtask
        end
    endgenerate

    always #5 clock = ~clock;
    always @(posedge clock) if (!reset) now = now + 1;

    initial begin
        if ($value$plusargs("vcd=%s", name)) begin
            $dumpfile(name);
            $dumpvars(0, dut);
        end
        if (!$value$plusargs("out=%s", name)) $finish;
        out = $fopen(name, "w");
        if (!$value$plusargs("in=%s", name)) $finish;
        file = $fopen(name, "r");
        got = $fscanf(file, "%d", runs);
        for (run = 0; run < runs; run = run + 1) begin
            index = 0;
            for (node_index = 0; node_index < NODES; node_index = node_index + 1) begin
                first[node_index] = index;
                got = $fscanf(file, "%d", count);
                last[node_index] = index + count;
                while (index < last[node_index]) begin
                    got = $fscanf(file, "%d %d %d", created, sequence, target);
                    outbox[index] = packet(created, node_index, sequence, target);
                    index = index + 1;
                end
            end
            packets = index;
            delivered = 0;
            now = -2;
            reset = 1;
            @(negedge clock);
            #1 now = -1;
            @(negedge clock);
            #1 reset = 0;
            while (delivered < packets && now < PATIENCE) @(negedge clock);
            // One cycle more, in which the last delivery is seen and the last credits are back.
            repeat (T_R + T_L + 2) @(negedge clock);
            #1;
            if (delivered < packets) $fwrite(out, "%0d stuck\n", run);
        end
        $fclose(out);
        $finish;
    end
endmodule
