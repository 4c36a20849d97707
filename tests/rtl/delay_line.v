// A word, LENGTH cycles later; a wire where LENGTH is 0.
module delay_line #(
    parameter LENGTH = 1,
    parameter WIDTH = 8
) (
    input wire clock,
    input wire reset,
    input wire [WIDTH-1:0] in,
    output wire [WIDTH-1:0] out
);
    generate
        if (LENGTH == 0) begin : wire_only
            assign out = in;
        end else begin : stages
            reg [LENGTH*WIDTH-1:0] words;

            assign out = words[(LENGTH-1)*WIDTH +: WIDTH];

            always @(posedge clock)
                if (reset) words <= 0;
                else if (in != 0 || words != 0)
                    words <= (words << WIDTH) | {{(LENGTH * WIDTH) {1'b0}}, in};
        end
    endgenerate
endmodule
