# The same work, one after the other.
FROM busybox
ARG ROUND=0
RUN truncate -s 150000000 /zeros && sha256sum /zeros > /sum0 && rm /zeros && echo $ROUND >> /sum0
RUN truncate -s 150000000 /zeros && sha256sum /zeros > /sum1 && rm /zeros && echo $ROUND >> /sum1
RUN truncate -s 150000000 /zeros && sha256sum /zeros > /sum2 && rm /zeros && echo $ROUND >> /sum2
RUN truncate -s 150000000 /zeros && sha256sum /zeros > /sum3 && rm /zeros && echo $ROUND >> /sum3
RUN truncate -s 150000000 /zeros && sha256sum /zeros > /sum4 && rm /zeros && echo $ROUND >> /sum4
RUN truncate -s 150000000 /zeros && sha256sum /zeros > /sum5 && rm /zeros && echo $ROUND >> /sum5
RUN truncate -s 150000000 /zeros && sha256sum /zeros > /sum6 && rm /zeros && echo $ROUND >> /sum6
RUN truncate -s 150000000 /zeros && sha256sum /zeros > /sum7 && rm /zeros && echo $ROUND >> /sum7
RUN truncate -s 150000000 /zeros && sha256sum /zeros > /sum8 && rm /zeros && echo $ROUND >> /sum8
RUN truncate -s 150000000 /zeros && sha256sum /zeros > /sum9 && rm /zeros && echo $ROUND >> /sum9
