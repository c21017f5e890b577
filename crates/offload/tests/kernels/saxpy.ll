; y = a * x + y over n doubles, all work-items together; n below 0 is a failed check with status 3, site 7 and n as its argument.
target triple = "spirv64-unknown-unknown"

declare spir_func i64 @_Z13get_global_idj(i32)
declare spir_func i64 @_Z15get_global_sizej(i32)

define spir_kernel void @saxpy(i64 %x, i64 %y, i64 %a, i64 %n, i64 %error) {
entry:
  %xs = inttoptr i64 %x to ptr addrspace(1)
  %ys = inttoptr i64 %y to ptr addrspace(1)
  %factor = bitcast i64 %a to double
  %first = call spir_func i64 @_Z13get_global_idj(i32 0)
  %step = call spir_func i64 @_Z15get_global_sizej(i32 0)
  %bad = icmp slt i64 %n, 0
  br i1 %bad, label %fail, label %head

head:
  %i = phi i64 [ %first, %entry ], [ %next, %body ]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %body, label %done

body:
  %px = getelementptr double, ptr addrspace(1) %xs, i64 %i
  %py = getelementptr double, ptr addrspace(1) %ys, i64 %i
  %vx = load double, ptr addrspace(1) %px
  %vy = load double, ptr addrspace(1) %py
  %product = fmul double %factor, %vx
  %sum = fadd double %product, %vy
  store double %sum, ptr addrspace(1) %py
  %next = add i64 %i, %step
  br label %head

fail:
  %status = inttoptr i64 %error to ptr addrspace(1)
  %site = getelementptr i32, ptr addrspace(1) %status, i64 1
  %argument = getelementptr i64, ptr addrspace(1) %status, i64 1
  store i32 3, ptr addrspace(1) %status
  store i32 7, ptr addrspace(1) %site
  store i64 %n, ptr addrspace(1) %argument
  br label %done

done:
  ret void
}
