// A valid bit and its word, LENGTH cycles later; a wire where LENGTH is 0.
module delay_line #(
    parameter LENGTH = 1,
    parameter WIDTH = 8
) (
    input wire clock,
    input wire reset,
    input wire in_valid,
    input wire [WIDTH-1:0] in_word,
    output wire out_valid,
    output wire [WIDTH-1:0] out_word
);
    generate
        if (LENGTH == 0) begin : wire_only
            assign out_valid = in_valid;
            assign out_word = in_word;
        end else begin : stages
            reg [LENGTH-1:0] valid;
            reg [LENGTH*WIDTH-1:0] words;

            assign out_valid = valid[LENGTH-1];
            assign out_word = words[(LENGTH-1)*WIDTH +: WIDTH];

            always @(posedge clock)
                if (reset) valid <= 0;
                else begin
                    valid <= (valid << 1) | {{(LENGTH) {1'b0}}, in_valid};
                    if (in_valid || valid != 0) words <= (words << WIDTH) | {{(LENGTH * WIDTH) {1'b0}}, in_word};
                end
        end
    endgenerate
endmodule
