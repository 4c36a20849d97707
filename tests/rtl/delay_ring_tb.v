// Drives a group of rate axons and a group of spike axons with the programs of a file.
//
// Plusargs: +in=FILE +out=FILE, and +vcd=FILE for a waveform.
// Programs: the number of runs; for each run the number of operations; for each operation its code and, by
// axon, a bit that says whether the rate axon emits, its value, whether the spike axon emits, and the delay.
// Codes: 0 a step, 1 a start (the values are those held), 2 save, 3 restore.
// Output, after every operation: run, operation, 0; what each rate axon holds; "r", values in flight and
// superseded; the spikes at each axon's far end; "s", spikes in flight and collisions.
module delay_ring_tb;
    parameter AXONS = 6;
    parameter SLOTS = 8;
    localparam WIDTH = 16;
    localparam STEP_BITS = 16;
    localparam COUNT_BITS = $clog2(SLOTS + 1);

    reg clock = 0;
    reg reset = 1;
    reg step = 0, start = 0, save = 0, restore = 0;
    reg [AXONS-1:0] emit = 0, spike = 0;
    reg [WIDTH-1:0] values [0:AXONS-1];
    reg [COUNT_BITS-1:0] delays [0:AXONS-1];
    wire [WIDTH-1:0] held [0:AXONS-1];
    wire [COUNT_BITS-1:0] in_flight [0:AXONS-1];
    wire [STEP_BITS-1:0] superseded [0:AXONS-1];
    wire [COUNT_BITS-1:0] spikes [0:AXONS-1];
    wire [COUNT_BITS-1:0] spikes_in_flight [0:AXONS-1];
    wire [STEP_BITS-1:0] collisions [0:AXONS-1];

    genvar a;
    generate
        for (a = 0; a < AXONS; a = a + 1) begin : axon
            rate_ring #(
                .SLOTS(SLOTS),
                .WIDTH(WIDTH),
                .STEP_BITS(STEP_BITS),
                .COUNT_BITS(COUNT_BITS)
            ) rate (
                .clock(clock),
                .reset(reset),
                .step(step),
                .emit(emit[a]),
                .value(values[a]),
                .delay(delays[a]),
                .start(start),
                .save(save),
                .restore(restore),
                .held(held[a]),
                .in_flight(in_flight[a]),
                .superseded(superseded[a])
            );
            spike_ring #(
                .SLOTS(SLOTS),
                .STEP_BITS(STEP_BITS),
                .COUNT_BITS(COUNT_BITS)
            ) spiking (
                .clock(clock),
                .reset(reset),
                .step(step),
                .emit(spike[a]),
                .delay(delays[a]),
                .start(start),
                .save(save),
                .restore(restore),
                .arrived(spikes[a]),
                .in_flight(spikes_in_flight[a]),
                .collisions(collisions[a])
            );
        end
    endgenerate

    integer file, out, got, runs, run, operations, operation, code, i, sum, other;
    integer emits, value, spiking, delay;
    reg [8*256-1:0] name;

    task write_down;
        begin
            $fwrite(out, "%0d %0d 0", run, operation);
            for (i = 0; i < AXONS; i = i + 1) $fwrite(out, " %0d", held[i]);
            sum = 0;
            other = 0;
            for (i = 0; i < AXONS; i = i + 1) begin
                sum = sum + in_flight[i];
                other = other + superseded[i];
            end
            $fwrite(out, " r %0d %0d", sum, other);
            for (i = 0; i < AXONS; i = i + 1) $fwrite(out, " %0d", spikes[i]);
            sum = 0;
            other = 0;
            for (i = 0; i < AXONS; i = i + 1) begin
                sum = sum + spikes_in_flight[i];
                other = other + collisions[i];
            end
            $fwrite(out, " s %0d %0d\n", sum, other);
        end
    endtask

    always #5 clock = ~clock;

    initial begin
        if ($value$plusargs("vcd=%s", name)) begin
            $dumpfile(name);
            $dumpvars(0, delay_ring_tb);
        end
        if (!$value$plusargs("out=%s", name)) $finish;
        out = $fopen(name, "w");
        if (!$value$plusargs("in=%s", name)) $finish;
        file = $fopen(name, "r");
        got = $fscanf(file, "%d", runs);
        for (run = 0; run < runs; run = run + 1) begin
            reset = 1;
            {step, start, save, restore} = 4'b0;
            @(negedge clock) reset = 0;
            got = $fscanf(file, "%d", operations);
            for (operation = 0; operation < operations; operation = operation + 1) begin
                got = $fscanf(file, "%d", code);
                {step, start, save, restore} = 4'b1000 >> code;
                for (i = 0; i < AXONS; i = i + 1) begin
                    got = $fscanf(file, "%d %d %d %d", emits, value, spiking, delay);
                    emit[i] = emits != 0;
                    values[i] = value;
                    spike[i] = spiking != 0;
                    delays[i] = delay;
                end
                @(negedge clock);
                write_down;
            end
        end
        $fclose(out);
        $finish;
    end
endmodule
